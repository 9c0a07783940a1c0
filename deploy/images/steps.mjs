/** Carries out the stages of a Dockerfile without a container engine, each in a folder that stands in for its root. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { basename, join, posix, relative } from "node:path";
import { ended, spawnIn } from "./jail.mjs";
import { execForm, substituted } from "./stages.mjs";

/** What npm needs to know of this machine to install: never what a user's own configuration says. */
function machineEnvironment() {
  const names = /^(?:npm_config_(?:registry|cafile|cache)|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}

const basePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Copies `source` (a folder: what is in it) to `target`; a path for which `ignored` holds is left out. */
function copy(source, target, ignored = () => false) {
  if (!statSync(source).isDirectory()) {
    cpSync(source, target.endsWith("/") ? join(target, basename(source)) : target);
    return;
  }
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      // A folder that is left out may hold what is kept: look into it.
      if (entry.isDirectory()) visit(path);
      else if (!ignored(relative(source, path))) {
        const at = join(target, relative(source, path));
        mkdirSync(join(at, ".."), { recursive: true });
        cpSync(path, at, { verbatimSymlinks: true });
      }
    }
  };
  visit(source);
}

function createCopy({ context, ignored, states }) {
  return ({ root, cwd }, { text, flags }) => {
    const words = text.split(/\s+/);
    const from = new Map(flags).get("from");
    const to = words.at(-1);
    const target = join(root, posix.resolve(cwd, to)) + (to.endsWith("/") ? "/" : "");
    mkdirSync(to.endsWith("/") ? target : join(target, ".."), { recursive: true });
    for (const word of words.slice(0, -1)) {
      const source = from === undefined ? join(context, word) : join(states.get(from).root, word);
      if (from === undefined) copy(source, target, ignored);
      else cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    }
  };
}

/** The state that a stage begins with: its own of an empty folder, or that of the stage it starts from, in hard links to its files. */
async function begin(stage, states, work) {
  const root = join(work, stage.name);
  const before = states.get(stage.from);
  if (before === undefined) {
    mkdirSync(root, { recursive: true });
    return { root, cwd: "/", environment: { PATH: basePath, HOME: "/root" }, arguments: {}, user: undefined };
  }
  const code = await ended(spawn("cp", ["--archive", "--link", before.root, root], { stdio: "inherit" }));
  if (code !== 0) throw new Error(`line ${stage.line}: ${stage.from} was not copied`);
  return { ...before, root, environment: { ...before.environment }, arguments: {} };
}

/**
 * Carries out `stages` in new folders under `work`; `log` hears every step. Returns, by stage, its `root`, `cwd`, `environment`, `user` and
 * what it starts (`entrypoint`, `command`, `healthcheck`). A step must not change a file of the stage that its own starts from in place: it is
 * the same file. Steps that install Debian's packages are left out, and said so.
 */
export async function carryOut(stages, { context, ignored, args, work, npmCache, log }) {
  const states = new Map();
  const copyStep = createCopy({ context, ignored, states });
  const steps = {
    ENV: (state, { pairs }, values) => {
      for (const [name, value] of Object.entries(pairs)) state.environment[name] = substituted(value, values);
    },
    ARG: (state, { pairs }) => Object.assign(state.arguments, pairs),
    WORKDIR: (state, { text }) => {
      state.cwd = posix.resolve(state.cwd, text);
      mkdirSync(join(state.root, state.cwd), { recursive: true });
    },
    COPY: copyStep,
    USER: (state, { text }) => {
      state.user = Number(text.split(":")[0]);
    },
    ENTRYPOINT: (state, instruction) => {
      state.entrypoint = execForm(instruction);
    },
    CMD: (state, instruction) => {
      state.command = execForm(instruction);
    },
    HEALTHCHECK: (state, instruction) => {
      state.healthcheck = execForm(instruction);
    },
    RUN: async (state, { text, flags, line }) => {
      if (/\bapt-get\b/.test(text)) return log(`  left out: RUN ${text}`);
      const cached = flags.some(([name, value]) => name === "mount" && value.startsWith("type=cache"));
      const started = performance.now();
      const code = await ended(
        spawnIn(state.root, ["/bin/sh", "-c", text], {
          cwd: state.cwd,
          environment: { ...machineEnvironment(), ...state.environment, ...state.arguments },
          mounts: cached ? [{ from: npmCache, to: "/root/.npm" }] : [],
        }),
      );
      if (code !== 0) throw new Error(`line ${line}: RUN ${text} ended with ${code}`);
      log(`  RUN ${text} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    },
  };
  for (const stage of stages) {
    log(`FROM ${stage.from} AS ${stage.name}`);
    const state = await begin(stage, states, work);
    for (const instruction of stage.instructions) {
      await steps[instruction.keyword]?.(state, instruction, { ...args, ...state.arguments, ...state.environment });
    }
    states.set(stage.name, state);
  }
  return states;
}

/** Bytes of the files under `folder`, symbolic links not followed. */
export function bytesUnder(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

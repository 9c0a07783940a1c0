import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../bin/stride.mjs", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `stride` process that runs beside the test. */
export interface Running {
  readonly process: ChildProcess;
  /** What it has said so far on both streams. */
  said(): string;
  /** Resolves once it has said this; rejects when it ended before. */
  says(text: string | RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** The command as a user has it: a folder of its own, an environment of its own, and no process left over. */
export interface StrideHome extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file there and gives its path. */
  write(name: string, text: string): Promise<string>;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ended>;
  /** Runs a command that must end with 0, and parses what it prints as JSON. */
  json(...args: string[]): Promise<unknown>;
  start(...args: string[]): Running;
  /** As `start`, with other variables. */
  startWith(variables: Readonly<Record<string, string>>, ...args: string[]): Running;
}

export async function strideHome(variables: Readonly<Record<string, string>> = {}): Promise<StrideHome> {
  const folder = await mkdtemp(join(tmpdir(), "stride-cli-"));
  await chmod(folder, 0o711);
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("STRIDE_"));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: "1", STRIDE_HOME: join(folder, ".stride"), ...variables };
  const started = new Set<Running>();
  const startWith = (others: Readonly<Record<string, string>>, ...args: string[]): Running => {
    const stdio: ("ignore" | "pipe")[] = ["ignore", "pipe", "pipe"];
    const child = spawn(process.execPath, [bin, ...args], { env: { ...env, ...others }, cwd: folder, stdio });
    const running = watched(child);
    started.add(running);
    return running;
  };
  const run = async (...args: string[]): Promise<Ended> => {
    const child = spawn(process.execPath, [bin, ...args], { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stdout: stdout(), stderr: stderr() };
  };
  return {
    folder,
    async write(name, content) {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    },
    run,
    async json(...args) {
      const { code, stdout, stderr } = await run(...args);
      if (code !== 0) throw new Error(`stride ${args.join(" ")} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
    start: (...args) => startWith({}, ...args),
    startWith,
    async [Symbol.asyncDispose]() {
      for (const running of started) await running.kill("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function text(stream: NodeJS.ReadableStream): () => string {
  let all = "";
  stream.on("data", (part: Buffer) => {
    all += part.toString();
  });
  return () => all;
}

function watched(child: ChildProcess): Running {
  const streams = [child.stdout, child.stderr].map((stream) => text(stream as NodeJS.ReadableStream));
  const said = () => streams.map((stream) => stream()).join("");
  const over = () => child.exitCode !== null || child.signalCode !== null;
  return {
    process: child,
    said,
    async says(wanted) {
      await until(async () => {
        if (typeof wanted === "string" ? said().includes(wanted) : wanted.test(said())) return true;
        if (over())
          throw new Error(`it ended (${child.exitCode ?? child.signalCode}) without saying ${wanted}: ${said()}`);
        return false;
      });
    },
    async kill(signal) {
      if (over()) return;
      const gone = once(child, "exit");
      child.kill(signal);
      await gone;
    },
  };
}

/** Polls until the condition holds; gives up after `withinMs`. */
export async function until(condition: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  for (const end = Date.now() + withinMs; ; ) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`what was waited for did not happen within ${withinMs} ms`);
    await sleep(50);
  }
}

/** Processes below this one whose command line holds the text. */
export function below(pid: number | undefined, commandLine: string): number[] {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  const rows = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []);
  const found: number[] = [];
  const visit = (parent: number): void => {
    for (const [, child, its, args] of rows) {
      if (Number(its) !== parent) continue;
      if (args?.includes(commandLine)) found.push(Number(child));
      visit(Number(child));
    }
  };
  if (pid !== undefined) visit(pid);
  return found;
}

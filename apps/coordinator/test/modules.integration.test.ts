import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freshDatabase } from "@stride/embedded-postgres/testing";
import { freePort } from "@stride/queue/testing";
import { describe, expect, it } from "vitest";
import { type StrideHome, strideHome } from "./stride.js";

const examples = new URL("../../../docs/examples/", import.meta.url);
const example = (name: string) => readFileSync(new URL(name, examples), "utf8");
const modules = ["two-moons.mjs", "sawtooth.mjs", "halve-on-rise.mjs"];
/** The documentation's sweep, smaller. */
const sweep = example("own-modules.yaml")
  .replace(/learningRates: .*/, "learningRates: [0.1]")
  .replace(/seeds: .*/, "seeds: { tuning: 0, report: 2 }")
  .replace("steps: 300", "steps: 40");

async function withExamples(variables: Readonly<Record<string, string>> = {}): Promise<StrideHome> {
  const stride = await strideHome(variables);
  for (const name of modules) await stride.write(name, example(name));
  await stride.write("own.yaml", sweep);
  return stride;
}

describe("a sweep with modules of its own", () => {
  it("is planned by what their steps cost, runs, and is known when it comes again", async () => {
    await using database = await freshDatabase();
    await using stride = await withExamples({ STRIDE_DATABASE_URL: database.url });
    // 2 · 8 + 8 + 8 + 1 parameters; products forward and backward on 32 rows are some 4,000 operations.
    const plan = (await stride.json("plan", "own.yaml", "--json")) as { trials: number; operations: number };
    expect(plan.trials).toBe(6);
    expect(plan.operations / (6 * 40)).toBeGreaterThan(4_000);
    const ran = (await stride.json("run", "own.yaml", "--workers", "1", "--json")) as { trials: object };
    expect(ran.trials).toMatchObject({ completed: 6, failed: 0 });
    const again = await stride.json("submit", "own.yaml", "--json");
    expect(again).toMatchObject({ added: 0, existing: 6, cohorts: 0 });
    const rows = (await stride.json("results", "trials", "own-modules", "--json")) as { task: string }[];
    expect(new Set(rows.map(({ task }) => task))).toEqual(
      new Set([expect.stringMatching(/^module-two-moons-[0-9a-f]{8}-width=8$/)]),
    );
  });

  it("reaches a coordinator with its modules, which refuses them where it may run none", async () => {
    await using database = await freshDatabase();
    for (const allowed of ["1", "0"]) {
      await using stride = await withExamples({ STRIDE_DATABASE_URL: database.url, STRIDE_ALLOW_MODULES: allowed });
      const port = await freePort();
      const up = stride.start("up", "--listen", `127.0.0.1:${port}`);
      await up.says("coordinator on");
      const { token } = JSON.parse(readFileSync(join(stride.folder, ".stride", "coordinator.json"), "utf8"));
      await using remote = await withExamples({ STRIDE_COORDINATOR: `127.0.0.1:${port}`, STRIDE_TOKEN: token });
      const ended = await remote.run("submit", "own.yaml");
      if (allowed === "1") expect(ended).toMatchObject({ code: 0, stdout: "own-modules\n" });
      else {
        expect(ended).toMatchObject({ code: 2, stdout: "" });
        expect(ended.stderr).toContain("./two-moons.mjs is a module, and none are run here (STRIDE_ALLOW_MODULES=0)");
      }
      await up.kill("SIGTERM");
    }
  });
});

describe("a module that cannot be used", () => {
  it.each([
    {
      what: "a file that is not there",
      edit: { "own.yaml": sweep.replace("./two-moons.mjs", "./moons.mjs") },
      says: "own.yaml:3:27 tasks[0].path cannot read ./moons.mjs: there is no such file",
    },
    {
      what: "a file that is too large",
      edit: { "sawtooth.mjs": `${example("sawtooth.mjs")}//${"x".repeat(256 * 1024)}` },
      says: "own.yaml:6:43 schedules[1].path cannot read ./sawtooth.mjs: it must have at most 262144 bytes, and has",
    },
    {
      what: "a syntax error",
      edit: { "sawtooth.mjs": "\nexport default (;\n" },
      says: "own.yaml:6:43 schedules[1].path ./sawtooth.mjs: is not JavaScript: Unexpected token ';' (line 2)",
    },
    {
      what: "a loss that mixes trials",
      edit: {
        "two-moons.mjs": example("two-moons.mjs").replace(
          "logits(parameters, arrays)",
          "tf.sub(logits(parameters, arrays), tf.mean(logits(parameters, arrays)))",
        ),
      },
      says: "own.yaml:3:27 tasks[0].path ./two-moons.mjs: trials must not mix: loss() of one is",
    },
    {
      what: "a schedule that moves between evaluations",
      edit: {
        "halve-on-rise.mjs": example("halve-on-rise.mjs").replace(
          "return state;",
          "return { ...state, rate: 0.5 * state.rate };",
        ),
      },
      says: "own.yaml:7:48 schedules[2].path ./halve-on-rise.mjs: its rate moves from 0.1 to 0.05 after step 0, and its spec says",
    },
    {
      what: "one that ends its process",
      edit: { "sawtooth.mjs": "export default () => process.exit(0);" },
      says: "own.yaml:6:43 schedules[1].path ./sawtooth.mjs: it ended the process that checks it (exit code 0)",
    },
  ])("$what is refused with its place, and nothing is made", async ({ edit, says }) => {
    await using stride = await withExamples();
    for (const [name, text] of Object.entries(edit)) await stride.write(name, text);
    for (const command of ["plan", "submit"]) {
      const ended = await stride.run(command, "own.yaml");
      expect(ended.stderr).toContain(`stride: ${says}`);
      expect(ended).toMatchObject({ code: 2, stdout: "" });
    }
    expect(existsSync(join(stride.folder, ".stride"))).toBe(false);
  });

  it("is not even read where modules may not run", async () => {
    await using stride = await withExamples({ STRIDE_ALLOW_MODULES: "0" });
    await stride.write("two-moons.mjs", "export default () => process.exit(0);");
    const ended = await stride.run("run", "own.yaml");
    expect(ended.stderr).toContain("./two-moons.mjs is a module, and none are run here (STRIDE_ALLOW_MODULES=0)");
    expect(ended).toMatchObject({ code: 2, stdout: "" });
  });
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freshDatabase } from "@stride/embedded-postgres/testing";
import { type TrialOutcomeRow, type WinRate, winRates } from "@stride/statistics";
import { launchWorker } from "@stride/worker/launch";
import { expect, it } from "vitest";
import { strideHome, until } from "./stride.js";

const sweep = `study: small
tasks:
  - { kind: quadratic, conditionNumber: 50 }
  - { kind: nmf, data: synthetic, rank: 3, trueRank: 3, rows: 48, evaluationRows: 16, columns: 16, batch: 8 }
schedules: [{ kind: constant }, { kind: cosine }, { kind: greedy, patience: 2 }]
learningRates: [0.02, 100]
seeds: { tuning: 1, report: 2 }
steps: 40
analysis: { baseline: cosine, margin: 0.02, seed: 7 }
`;
const trialsPlanned = 2 * 3 * 2 * (1 + 2);

type Trial = TrialOutcomeRow & { readonly trialId: string; readonly attempts: number; readonly steps: number };

it("runs a sweep on the embedded default, and what it prints follows from its trials", async () => {
  await using stride = await strideHome();
  const file = await stride.write("small.yaml", sweep);
  const ran = await stride.run("run", file);
  expect(ran.stderr).toMatch(/small: 100 % of steps, 36\/36 trials, \d+ diverged, \d+ s so far/);
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain("Study small");
  expect(ran.stdout).toContain("Rates chosen on the tuning seeds");

  const trials = (await stride.json("results", "trials", "small", "--format", "json")) as Trial[];
  expect(trials).toHaveLength(trialsPlanned);
  expect(new Set(trials.map(({ trialId }) => trialId)).size).toBe(trialsPlanned);
  expect(new Set(trials.map(({ outcome }) => outcome))).toEqual(new Set(["completed", "diverged"]));
  expect(
    trials.every(({ attempts, steps, outcome }) => attempts === 1 && (outcome === "diverged" || steps === 40)),
  ).toBe(true);

  const printed = await stride.json("results", "win-rate", "small", "--format", "json");
  const options = { metric: "finalEvaluationLoss", margin: 0.02, baseline: "cosine", seed: 7 } as const;
  expect(inOrder(printed as WinRate[])).toEqual(inOrder(winRates(trials, options)));

  const exported = await stride.run("results", "export", "small", "-o", "out", "--format", "json");
  expect(exported.stdout).toBe(`${trialsPlanned} trials and ${trialsPlanned} curves of small written to out\n`);
  expect(JSON.parse(await readFile(join(stride.folder, "out/small-trials.json"), "utf8"))).toEqual(trials);
  const curves = JSON.parse(await readFile(join(stride.folder, "out/small-curves.json"), "utf8")) as {
    learningRates: number[];
  }[];
  expect(Math.max(...curves.map(({ learningRates }) => learningRates.length))).toBe(40);

  const again = await stride.run("run", file);
  expect(again.stderr).toContain("0 new trials in 0 cohorts, 36 known");
  expect(again.code).toBe(0);

  const more = await stride.write("more.yaml", sweep.replace("report: 2", "report: 3"));
  const added = await stride.run("run", more, "--json");
  expect(added.stderr).toContain("12 new trials in");
  expect(added.stderr).toContain("36 known");
  expect((JSON.parse(added.stdout) as { trials: { completed: number } }).trials).toMatchObject({
    failed: 0,
    planned: 0,
  });
  const afterwards = (await stride.json("results", "trials", "small", "--json")) as Trial[];
  expect(afterwards).toHaveLength(48);
  expect(afterwards.slice(0, 36)).toEqual(trials);
}, 180_000);

it("refuses an executor that this machine does not have", async () => {
  await using stride = await strideHome();
  const ended = await stride.run("run", await stride.write("small.yaml", sweep), "--executor", "tfjs-node-gpu");
  expect(ended).toMatchObject({ code: 2, stdout: "" });
  expect(ended.stderr).toContain(
    "the executor tfjs-node-gpu cannot run here: @tensorflow/tfjs-node-gpu is not installed",
  );
});

it("fails trials that cannot be trained, and retries exactly those", async () => {
  await using database = await freshDatabase();
  await using stride = await strideHome({ STRIDE_DATABASE_URL: database.url, STRIDE_LEASE_MS: "2000" });
  const file = await stride.write(
    "small.yaml",
    sweep.replace(/ {2}- \{ kind: nmf.*\n/, "").replace(", { kind: greedy, patience: 2 }", ""),
  );
  const up = stride.start("up", "--listen", "127.0.0.1:0");
  await up.says("coordinator on");
  await stride.run("submit", file);
  // A worker whose executor is missing, which the command would not start: every attempt fails, until there are no more.
  const { address, token, queueUrl } = JSON.parse(
    await readFile(join(stride.folder, ".stride/coordinator.json"), "utf8"),
  ) as Record<"address" | "token" | "queueUrl", string>;
  const environment = { STRIDE_COORDINATOR: address, STRIDE_TOKEN: token, STRIDE_QUEUE_URL: queueUrl };
  const broken = launchWorker({ environment: { ...environment, STRIDE_EXECUTOR: "tfjs-node-gpu" }, output: "ignore" });
  const watched = await stride.run("watch", "small");
  expect(watched.code).toBe(1);
  broken.kill("SIGKILL");
  const before = (await stride.json("results", "trials", "small", "--json")) as Trial[];
  expect(before).toHaveLength(12);
  expect(before.every(({ outcome, attempts }) => outcome === "failed" && attempts === 5)).toBe(true);

  const retried = await stride.run("retry", "small", "--failed");
  expect(retried).toMatchObject({ code: 0, stdout: "12 trials of small will run again\n" });
  const worker = stride.start("worker");
  await worker.says("worker ready");
  expect((await stride.run("watch", "small")).code).toBe(0);
  expect((await stride.run("retry", "small", "--failed")).stdout).toBe("0 trials of small will run again\n");
}, 180_000);

it("pauses, resumes and cancels a study while it trains", async () => {
  await using database = await freshDatabase();
  await using stride = await strideHome({ STRIDE_DATABASE_URL: database.url, STRIDE_LEASE_MS: "2000" });
  const up = stride.start("up", "--listen", "127.0.0.1:0");
  await up.says("coordinator on");
  const worker = stride.start("worker");
  await worker.says("worker ready");
  const long = sweep.replace("steps: 40", "steps: 300000").replace("[0.02, 100]", "[0.0001]");
  const submitted = await stride.run("submit", await stride.write("long.yaml", long));
  expect(submitted).toMatchObject({ code: 0, stdout: "small\n" });
  const status = async () =>
    (await stride.json("status", "small", "--json")) as { trials: Record<string, number>; stepsDone: number };
  await until(async () => (await status()).stepsDone > 0);

  await stride.run("pause", "small");
  await worker.says('"because":"paused"');
  const paused = await status();
  expect(paused.trials.completed).toBe(0);
  await stride.run("resume", "small");
  await until(async () => (await status()).stepsDone > 0);

  expect((await stride.run("cancel", "small")).stdout).toBe("small is cancelled\n");
  await worker.says('"because":"cancelled"');
  expect((await status()).trials).toMatchObject({ cancelled: 18, running: 0, planned: 0 });
  expect((await stride.run("resume", "small")).stderr).toContain("is cancelled, which is final");
  expect((await stride.run("watch", "small")).code).toBe(0);
}, 180_000);

function inOrder(rows: readonly WinRate[]): WinRate[] {
  const key = ({ view, task, challenger }: WinRate) => `${view} ${task} ${challenger}`;
  return [...rows].sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

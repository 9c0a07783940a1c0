import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { freshDatabase } from "@stride/embedded-postgres/testing";
import { freePort, noRedis, startRedis } from "@stride/queue/testing";
import { describe, expect, it } from "vitest";
import { below, type Running, type StrideHome, strideHome, until } from "./stride.js";

const sweep = `study: crashes
tasks:
  - { kind: mlp, data: mnist, hidden: [16], batch: 32, trainingSize: 1024, evaluationSize: 256 }
  - { kind: nmf, data: synthetic, rank: 4, trueRank: 4, rows: 128, evaluationRows: 32, columns: 32, batch: 16 }
optimizers: [{ kind: adam }]
schedules: [{ kind: cosine }, { kind: greedy, patience: 3 }]
learningRates: [0.001, 0.003, 0.01, 0.03]
seeds: { tuning: 2, report: 6 }
steps: 2500
`;
const trialsPlanned = 2 * 2 * 4 * 8;

interface Status {
  readonly trials: Readonly<Record<"planned" | "running" | "completed" | "failed", number>>;
  readonly stepsDone: number;
}

type Row = Readonly<Record<string, unknown>> & { readonly trialId: string; readonly attempts: number };

/** Everything a study found, but for the seconds it took and the tries it needed. */
async function found(stride: StrideHome) {
  const trials = (await stride.json("results", "trials", "crashes", "--json")) as Row[];
  const curves = (await stride.json("results", "curves", "crashes", "--json")) as Row[];
  const byId = (left: Row, right: Row) => (left.trialId < right.trialId ? -1 : 1);
  return {
    trials: trials.map(({ seconds: _, attempts: __, ...row }) => row as Row).sort(byId),
    curves: curves.sort(byId),
    attempts: trials.map(({ attempts }) => attempts),
  };
}

/** What the workers of `stride run` have logged so far. */
async function logsOf(stride: StrideHome): Promise<string> {
  const folder = join(stride.folder, ".stride/logs");
  const files = await readdir(folder).catch(() => []);
  return (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")))).join("");
}

/** `kill -9` of the processes below a command whose command line holds this. */
function killBelow(running: Running, commandLine: string): void {
  const pids = below(running.process.pid, commandLine);
  if (pids.length === 0) throw new Error(`nothing runs ${commandLine} below ${running.process.pid}`);
  for (const pid of pids) process.kill(pid, "SIGKILL");
}

describe.skipIf(noRedis !== undefined)(`a sweep while everything crashes ${noRedis ?? ""}`, () => {
  it("ends with every trial recorded once, equal to the bit to a run that nothing disturbed", async () => {
    await using quiet = await strideHome();
    const undisturbed = await quiet.run("run", await quiet.write("sweep.yaml", sweep));
    expect(undisturbed.code).toBe(0);

    await using database = await freshDatabase();
    await using redis = await startRedis();
    const port = await freePort();
    await using stride = await strideHome({
      STRIDE_DATABASE_URL: database.url,
      STRIDE_REDIS_URL: redis.url,
      STRIDE_LEASE_MS: "2000",
      STRIDE_TOKEN: "shared-by-all-restarts",
    });
    const startUp = async () => {
      const up = stride.start("up", "--listen", `127.0.0.1:${port}`);
      await up.says("coordinator on");
      return up;
    };
    const startWorker = async () => {
      const worker = stride.start("worker");
      await worker.says("worker ready");
      return worker;
    };
    const status = async () => (await stride.json("status", "crashes", "--json")) as Status;
    const progressed = async () => {
      const before = await status();
      await until(async () => {
        const now = await status();
        return now.trials.running > 0 && now.stepsDone > before.stepsDone;
      }, 120_000);
    };

    let up = await startUp();
    const first = await startWorker();
    const second = await startWorker();
    await stride.run("submit", await stride.write("sweep.yaml", sweep));

    await progressed();
    killBelow(first, "dist/main.js"); // A worker, and with it its lock and its heartbeat.
    await first.says(/ended|exit/).catch(() => undefined);
    await progressed();
    killBelow(second, "dist/child.js"); // What trains, in the middle of a cohort.
    await startWorker();
    await progressed();
    await up.kill("SIGKILL"); // The coordinator: workers wait for the next one.
    up = await startUp();
    await progressed();
    await redis.run("FLUSHALL"); // Delivery forgets everything.
    await progressed();
    await redis.kill();
    await redis.restart();
    await progressed();

    const watched = await stride.run("watch", "crashes");
    expect(watched.code).toBe(0);
    const [expected, actual] = [await found(quiet), await found(stride)];
    expect(actual.trials).toHaveLength(trialsPlanned);
    expect(actual.trials).toEqual(expected.trials);
    expect(actual.curves).toEqual(expected.curves);
    expect(expected.attempts.every((attempts) => attempts === 1)).toBe(true);
    // The crashes did hit: some cohorts were trained more than once.
    expect(Math.max(...actual.attempts)).toBeGreaterThan(1);
    expect(await stride.run("submit", "sweep.yaml")).toMatchObject({ stderr: expect.stringContaining("0 new trials") });
  }, 600_000);
});

it("stride run on the embedded default goes on after kill -9 of all its processes at once", async () => {
  const small = sweep
    .replace("report: 6", "report: 2")
    .replace("steps: 2500", "steps: 1500")
    .replace("seeds: { tuning: 2", "seeds: { tuning: 1");
  await using quiet = await strideHome();
  expect((await quiet.run("run", await quiet.write("sweep.yaml", small))).code).toBe(0);

  await using stride = await strideHome({ STRIDE_LEASE_MS: "2000" });
  const file = await stride.write("sweep.yaml", small);
  const run = stride.start("run", file);
  await until(async () => below(run.process.pid, "dist/child.js").length === 2);
  await until(async () => (await logsOf(stride)).includes('"kind":"finished"')); // Some of it is done, and not all.
  const everything = [...below(run.process.pid, "postgres"), ...below(run.process.pid, "dist/")];
  for (const pid of [run.process.pid as number, ...everything]) process.kill(pid, "SIGKILL");

  const left = (await stride.json("status", "crashes", "--json")) as Status;
  expect(left.trials.completed).toBeGreaterThan(0);
  expect(left.trials.completed).toBeLessThan(48);
  const again = await stride.run("run", file);
  expect(again.stderr).toContain("0 new trials in 0 cohorts, 48 known");
  expect(again.code).toBe(0);
  const [expected, actual] = [await found(quiet), await found(stride)];
  expect(actual.trials).toEqual(expected.trials);
  expect(actual.curves).toEqual(expected.curves);
}, 300_000);

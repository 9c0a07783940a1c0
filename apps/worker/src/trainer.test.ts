import type { Cohort, TrainingReport } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { cohortThat, isAlive, scriptedChild } from "../test/children.js";
import { reportsBy } from "../test/trainers.js";
import { type ChildTrainerOptions, createChildTrainer, type Trainer, TrainingFailed } from "./trainer.js";

const noGrace = { stopGraceMs: 1 };
/** Longer than any test: what ends did not wait for it. */
const longGrace = { stopGraceMs: 3_600_000 };

function open(options: Partial<ChildTrainerOptions> = longGrace): Trainer {
  return createChildTrainer({ executor: "tfjs-cpu", threads: 1, script: scriptedChild, ...options });
}

/** All reports of a cohort that does as told; `onReport` runs at each. */
async function train(
  trainer: Trainer,
  does: string,
  { signal = new AbortController().signal, onReport }: { signal?: AbortSignal; onReport?: (pid: number) => void } = {},
): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of reportsBy(trainer, cohortThat(does), signal)) {
    reports.push(report);
    onReport?.(report.step);
  }
  return reports;
}

/** The process that trains a cohort. */
async function trainedBy(trainer: Trainer): Promise<number> {
  const pids = (await train(trainer, "trains")).map(({ step }) => step);
  expect(pids).toEqual(Array(3).fill(pids[0]));
  return pids[0] as number;
}

describe("a child trainer", () => {
  it("refuses a cohort with a user's module where it runs none, and trains others", async () => {
    await using trainer = open({ allowModules: false });
    const carrying = { ...cohortThat("trains"), modules: { ["0a".repeat(32)]: "export default 1" } };
    const reports = reportsBy(trainer, carrying, new AbortController().signal);
    await expect(reports.next()).rejects.toThrow(TrainingFailed);
    await expect(trainedBy(trainer)).resolves.toBeGreaterThan(0);
  });

  it("trains a cohort with a policy also where no modules run", async () => {
    await using trainer = open({ allowModules: false });
    const sha256 = "0a".repeat(32);
    const trials = [{ schedule: { kind: "policy", sha256 } }] as unknown as Cohort["trials"];
    const carrying = { ...cohortThat("trains"), trials, modules: { [sha256]: "{}" } };
    const reports = reportsBy(trainer, carrying, new AbortController().signal);
    await expect(reports.next()).resolves.toMatchObject({ done: false });
    await reports.return(undefined);
  });

  it("trains one cohort after the other in one child", async () => {
    await using trainer = open();
    const pid = await trainedBy(trainer);
    expect(pid).not.toBe(process.pid);
    expect(await trainedBy(trainer)).toBe(pid);
  });

  it("carries typed arrays and non-finite numbers unchanged", async () => {
    await using trainer = open();
    const [report] = await train(trainer, "sends special numbers");
    expect(report).toEqual({
      step: report?.step,
      chunks: [
        {
          trialId: "trial",
          firstStep: 0,
          trainingLosses: Float32Array.from([Number.NaN, Infinity, -Infinity, -0, 0.5]),
          learningRates: Float64Array.from([0.1, Number.MIN_VALUE]),
        },
      ],
      evaluations: [{ trialId: "trial", step: 0, loss: Infinity }],
    });
  });

  it("leaves no listener behind, however many cohorts a child trains", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    await using trainer = open();
    const { signal } = new AbortController();
    for (let count = 0; count < 20; count += 1) await train(trainer, "trains", { signal });
    await new Promise(setImmediate);
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

describe("a training child that dies", () => {
  it.each([
    { does: "trains until it is stopped", how: "SIGKILL" },
    { does: "crashes", how: "exit code 7" },
  ])("by $how fails the cohort, and the next one gets a new child", async ({ does, how }) => {
    await using trainer = open();
    const before = await trainedBy(trainer);
    const onReport = (pid: number) => void (how === "SIGKILL" && process.kill(pid, "SIGKILL"));
    const training = train(trainer, does, { onReport });
    await expect(training).rejects.toEqual(new TrainingFailed(`the training process ended (${how})`));
    expect(await trainedBy(trainer)).not.toBe(before);
  });

  it("between cohorts is replaced", async () => {
    await using trainer = open();
    const before = await trainedBy(trainer);
    process.kill(before, "SIGKILL");
    await expect.poll(() => isAlive(before), { timeout: 30_000 }).toBe(false);
    expect(await trainedBy(trainer)).not.toBe(before);
  });

  it("or fails is replaced: nobody knows what state it is in", async () => {
    await using trainer = open();
    const before = await trainedBy(trainer);
    const training = train(trainer, "fails");
    await expect(training).rejects.toEqual(new TrainingFailed("task.dimension is too large"));
    expect(await trainedBy(trainer)).not.toBe(before);
  });

  it("right after it told why still has its reason heard", async () => {
    await using trainer = open();
    await expect(train(trainer, "fails and exits")).rejects.toEqual(new TrainingFailed("the device was lost"));
  });

  it("because its script is missing fails the cohort", async () => {
    await using trainer = open({ script: scriptedChild.replace("scripted", "no") });
    const message = "the training process ended (exit code 1)";
    await expect(train(trainer, "trains")).rejects.toEqual(new TrainingFailed(message));
  });

  it("because it cannot be started fails the cohort", async () => {
    const { execPath } = process;
    await using trainer = open();
    try {
      process.execPath = "/nowhere/node";
      await expect(train(trainer, "trains")).rejects.toThrow(/^the training process ended \(spawn .*ENOENT\)$/);
    } finally {
      process.execPath = execPath;
    }
    expect(await trainedBy(trainer)).toBeGreaterThan(0);
  });
});

describe("a stopped training", () => {
  it("ends early, and its child trains the next cohort", async () => {
    await using trainer = open();
    const before = await trainedBy(trainer);
    const stop = new AbortController();
    const onReport = () => stop.abort();
    const reports = await train(trainer, "trains until it is stopped", { signal: stop.signal, onReport });
    expect(reports).toHaveLength(1);
    expect(await trainedBy(trainer)).toBe(before);
  });

  it("that comes to its end meanwhile gives its last reports", async () => {
    await using trainer = open();
    const stop = new AbortController();
    const onReport = () => stop.abort();
    const reports = await train(trainer, "ends while it is being stopped", { signal: stop.signal, onReport });
    expect(reports).toHaveLength(2);
  });

  it("whose child does not react is killed after the grace, and the next cohort gets a new child", async () => {
    await using trainer = open(noGrace);
    const stop = new AbortController();
    const onReport = () => stop.abort();
    const [report] = await train(trainer, "ignores everything", { signal: stop.signal, onReport });
    expect(isAlive(report?.step as number)).toBe(false);
    expect(await trainedBy(trainer)).not.toBe(report?.step);
  });

  it("that was stopped before it started starts no child", async () => {
    await using trainer = open({ script: "/nowhere/child.js" });
    expect(await train(trainer, "trains", { signal: AbortSignal.abort() })).toEqual([]);
  });

  it("ends too when its reports are no longer listened to", async () => {
    let pid = 0;
    {
      await using trainer = open();
      for await (const report of reportsBy(trainer, cohortThat("ignores everything"), new AbortController().signal)) {
        pid = report.step;
        break;
      }
      expect(await trainedBy(trainer)).not.toBe(pid);
    }
    expect(isAlive(pid)).toBe(false);
  });
});

describe("disposing of a child trainer", () => {
  it("has its idle child go", async () => {
    const trainer = open();
    const pid = await trainedBy(trainer);
    await trainer[Symbol.asyncDispose]();
    expect(isAlive(pid)).toBe(false);
  });

  it.each([
    ["trains until it is stopped", longGrace],
    ["is in the middle of a message", noGrace],
    ["ignores everything", noGrace],
  ])("ends a training that %s", async (does, grace) => {
    const trainer = open(grace);
    let pid = 0;
    let disposing: PromiseLike<void> | undefined;
    const onReport = (from: number) => {
      pid = from;
      disposing = trainer[Symbol.asyncDispose]();
    };
    await expect(train(trainer, does, { onReport })).rejects.toBeInstanceOf(TrainingFailed);
    await disposing;
    expect(isAlive(pid)).toBe(false);
  });

  it("does nothing when no child was ever needed", async () => {
    await using _ = open();
  });
});

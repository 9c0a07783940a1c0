import { fork } from "node:child_process";
import { once } from "node:events";
import type { TrainingReport } from "@stride/experiment";
import { sampleCohort } from "@stride/experiment/contracts";
import { describe, expect, it } from "vitest";
import { trainingChild } from "../test/children.js";
import { reportsBy } from "../test/trainers.js";
import { type FromChild, reportsInFlight, type ToChild } from "./messages.js";
import { createChildTrainer } from "./trainer.js";

const executor = "onnx-cpu";
const small = sampleCohort({ steps: 400 });
/** Days of training: whatever ends it, it is not its last step. */
const endless = sampleCohort({ number: 1, steps: 1_000_000_000 });

/** The built training child, spoken to as its parent does. */
function start() {
  const child = fork(trainingChild, [], { serialization: "advanced", execArgv: [] });
  return {
    child,
    send: (message: ToChild) => child.send(message),
    onMessage: (listener: (message: FromChild) => void) => child.on("message", listener),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

describe("the training child", () => {
  it("trains a small quadratic cohort, and again to the same results", async () => {
    await using trainer = createChildTrainer({ executor, threads: 1, script: trainingChild });
    const train = async () => {
      const reports: TrainingReport[] = [];
      for await (const report of reportsBy(trainer, small, new AbortController().signal)) reports.push(report);
      return reports.map(({ results, ...rest }) => ({
        ...rest,
        results: results?.map((result) => ({ ...result, seconds: 0 })),
      }));
    };
    const reports = await train();
    const [greedy, cosine] = reports.at(-1)?.results ?? [];
    expect(reports.map(({ step }) => step)).toEqual([200, 400]);
    expect(reports.map(({ results }) => results === undefined)).toEqual([true, false]);
    expect(reports[0]?.chunks[0]?.trainingLosses).toBeInstanceOf(Float32Array);
    expect([greedy?.trialId, cosine?.trialId]).toEqual(small.trials.map(({ trialId }) => trialId));
    expect(cosine).toMatchObject({ outcome: { kind: "completed" }, steps: 400 });
    expect(cosine?.finalEvaluationLoss).toBeLessThan(reports[0]?.evaluations[0]?.loss as number);
    expect(await train()).toEqual(reports);
  });

  it("stops in the middle of a cohort and trains the next one", async () => {
    await using trainer = createChildTrainer({ executor, threads: 1, script: trainingChild, stopGraceMs: 3_600_000 });
    const stop = new AbortController();
    for await (const report of reportsBy(trainer, endless, stop.signal)) {
      expect(report.results).toBeUndefined();
      stop.abort();
    }
    const steps: number[] = [];
    for await (const { step } of reportsBy(trainer, small, new AbortController().signal)) steps.push(step);
    expect(steps).toEqual([200, 400]);
  });

  it("says why it cannot train a cohort", async () => {
    await using trainer = createChildTrainer({ executor, threads: 1, script: trainingChild });
    const reports = reportsBy(trainer, { ...small, trials: [] }, new AbortController().signal);
    await expect(reports.next()).rejects.toThrow(`cohort ${small.cohortId} has no trials`);
  });

  it("waits while more reports are on their way than its parent takes, and still stops when asked to", async () => {
    await using parent = start();
    let reports = 0;
    const ending = new Promise<FromChild>((resolve) => {
      parent.onMessage((message) => {
        if (message.kind !== "report") return resolve(message);
        reports += 1;
        if (reports === reportsInFlight) parent.send({ kind: "stop" });
      });
    });
    parent.send({ kind: "train", cohort: endless, executor, threads: 1 });
    expect(await ending).toEqual({ kind: "stopped" });
    // The one it held back leaves with the stop.
    expect(reports).toBeLessThanOrEqual(reportsInFlight + 1);
  });

  it("takes a stop between cohorts for what it is: too late", async () => {
    await using parent = start();
    const endings: FromChild[] = [];
    const ended = new Promise<void>((resolve) => {
      parent.onMessage((message) => {
        if (message.kind === "report") return parent.send({ kind: "taken" });
        endings.push(message);
        if (endings.length === 2) return resolve();
        parent.send({ kind: "stop" });
        return parent.send({ kind: "train", cohort: small, executor, threads: 1 });
      });
    });
    parent.send({ kind: "stop" });
    parent.send({ kind: "train", cohort: small, executor, threads: 1 });
    await ended;
    expect(endings).toEqual([{ kind: "ended" }, { kind: "ended" }]);
  });

  it("leaves it to its parent when to go at Ctrl-C, and goes with it", async () => {
    await using parent = start();
    const training = new Promise<void>((resolve) => parent.onMessage(() => resolve()));
    parent.send({ kind: "train", cohort: endless, executor, threads: 1 });
    await training;
    parent.child.kill("SIGINT");
    parent.child.kill("SIGTERM");
    const stillTraining = new Promise<FromChild>((resolve) => parent.onMessage(resolve));
    parent.send({ kind: "taken" });
    expect(await stillTraining).toMatchObject({ kind: "report" });
    const gone = once(parent.child, "exit");
    parent.child.disconnect();
    expect(await gone).toEqual([0, null]);
  });
});

import { createExecutor, type Executor, type ExecutorName } from "@stride/compile";
import { createScheduler, type Observation } from "@stride/schedules";
import type { ScheduleSpec } from "@stride/schedules/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cohortOf, collect, curveOf, resultsOf, type TrialRequest, trainAll, trialOf } from "../test/cohorts.js";
import { train } from "./train.js";

const nmf = { kind: "nmf", data: "synthetic", rank: 3, batch: 8, rows: 40, evaluationRows: 10, columns: 12 };
const mlp = { kind: "mlp", data: "mnist", hidden: [8], batch: 16, trainingSize: 200, evaluationSize: 50 };
const greedy = { kind: "greedy", patience: 1, factor: 0.8, minLearningRate: 1e-12, maxLearningRate: 10 };

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor("tfjs-cpu");
});
afterAll(() => executor[Symbol.asyncDispose]());

describe("one trial", () => {
  it("follows gradient descent: the rate of step t moves the loss of step t + 1", async () => {
    const request = {
      task: { kind: "quadratic", dimension: 1 },
      schedule: { kind: "cosine" },
      learningRate: 0.8,
      steps: 4,
    };
    const { trainingLosses, learningRates } = curveOf(await trainAll(executor, [request]), trialOf(request));
    expect(learningRates).toHaveLength(4);
    expect(learningRates[0]).toBe(0.8);
    // f = ½ x², so a step multiplies f by (1 − η)².
    for (let t = 0; t < 3; t++) {
      expect(trainingLosses[t + 1]).toBeCloseTo(
        (1 - (learningRates[t] as number)) ** 2 * (trainingLosses[t] as number),
        6,
      );
    }
  });

  it("is evaluated before the first step, after every so many and after the last", async () => {
    const request = { steps: 25, evaluateEvery: 10 };
    const reports = await trainAll(executor, [request]);
    const { evaluations, trainingLosses } = curveOf(reports, trialOf(request));
    expect(evaluations.map(({ step }) => step)).toEqual([0, 10, 20, 25]);
    // A quadratic's held-out loss is its training loss.
    for (const { step, loss } of evaluations.slice(0, 3)) expect(loss).toBe(trainingLosses[step]);
    const losses = evaluations.map(({ loss }) => loss) as [number, number, number, number];
    expect(resultsOf(reports)).toEqual([
      {
        trialId: trialOf(request).trialId,
        outcome: { kind: "completed" },
        steps: 25,
        finalEvaluationLoss: losses[3],
        bestEvaluationLoss: Math.min(...losses),
        areaUnderCurve: expect.closeTo(
          (10 * (losses[0] / 2 + losses[1] + losses[2] / 2) + 2.5 * (losses[2] + losses[3])) / 25,
          6,
        ),
        forwardPasses: 25,
        backwardPasses: 25,
        seconds: 0,
      },
    ]);
  });

  it("is reported in chunks that join without a gap, at fixed steps, with results at the end alone", async () => {
    const request = { steps: 450, evaluateEvery: 150, task: { kind: "quadratic", dimension: 2 } };
    const reports = await trainAll(executor, [request]);
    expect(reports.map(({ step, results }) => ({ step, results: results?.length }))).toEqual([
      { step: 300, results: undefined },
      { step: 450, results: 1 },
    ]);
    const { firstSteps, trainingLosses, learningRates } = curveOf(reports, trialOf(request));
    expect(firstSteps).toEqual([0, 300]);
    expect([trainingLosses.length, learningRates.length]).toEqual([450, 450]);
  });

  it("learns MNIST", async () => {
    const request = {
      task: { ...mlp, hidden: [32] },
      optimizer: { kind: "adam" },
      learningRate: 0.01,
      steps: 40,
      evaluateEvery: 40,
    };
    const [result] = resultsOf(await trainAll(executor, [request]));
    expect(result?.finalEvaluationLoss).toBeLessThan(1.2);
  });

  it("factorises", async () => {
    const request = { task: nmf, learningRate: 0.3, steps: 300, evaluateEvery: 300 };
    const { evaluations } = curveOf(await trainAll(executor, [request]), trialOf(request));
    expect(evaluations[1]?.loss).toBeLessThan(0.5 * (evaluations[0]?.loss as number));
  });
});

// What must hold on every executor that people train with.
describe.each<ExecutorName>(["tfjs-cpu"])("a cohort on %s", (name) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createExecutor(name);
  });
  afterAll(() => executor[Symbol.asyncDispose]());

  const mixed: TrialRequest[] = [
    { learningRate: 0.05, seed: 1 },
    { learningRate: 0.2, seed: 1, schedule: { kind: "cosine" } },
    { learningRate: 0.1, seed: 2, schedule: greedy },
    { learningRate: 0.1, seed: 1, schedule: { ...greedy, signal: "evaluation" } },
  ];
  const withTask = (task: unknown) =>
    mixed.map((request) => ({
      ...request,
      task,
      optimizer: { kind: "sgd", momentum: 0.5 },
      steps: 24,
      evaluateEvery: 4,
    }));

  it.each([{ task: nmf }, { task: mlp }])("of $task.kind gives equal reports twice, to the bit", async ({ task }) => {
    const cohort = withTask(task);
    expect(await trainAll(executor, cohort)).toEqual(await trainAll(executor, cohort));
  });

  it.each([{ task: nmf }, { task: mlp }])(
    "of $task.kind trains each trial as it would train alone",
    async ({ task }) => {
      const cohort = withTask(task);
      const together = await trainAll(executor, cohort);
      for (const request of cohort) {
        const alone = curveOf(await trainAll(executor, [request]), trialOf(request));
        const { trainingLosses, learningRates, evaluations } = curveOf(together, trialOf(request));
        expect(learningRates).toEqual(alone.learningRates);
        trainingLosses.forEach((loss, t) => {
          expect(Math.abs(loss / (alone.trainingLosses[t] as number) - 1)).toBeLessThan(1e-4);
        });
        expect(evaluations.map(({ step }) => step)).toEqual(alone.evaluations.map(({ step }) => step));
      }
    },
  );

  it("starts all trials of a seed alike, and on the same rows, whatever their rules", async () => {
    const cohort = withTask(mlp).map((request) => ({ ...request, learningRate: 1e-9 }));
    const reports = await trainAll(executor, cohort);
    const losses = cohort.map((request) => curveOf(reports, trialOf(request)).trainingLosses);
    const [a, b, otherSeed, d] = losses as [number[], number[], number[], number[]];
    expect([b[0], d[0]]).toEqual([a[0], a[0]]);
    expect(otherSeed[0]).not.toBe(a[0]);
    // At a rate of nearly nothing the losses tell which rows a step saw.
    for (const other of [b, d]) {
      other.forEach((loss, t) => {
        expect(loss).toBeCloseTo(a[t] as number, 4);
      });
    }
    expect(new Set(a).size).toBeGreaterThan(12);
  });

  it("shares its batches exactly when it has one seed", async () => {
    const shared: boolean[] = [];
    const watched: Executor = {
      ...executor,
      name: executor.name,
      program: (options) => {
        shared.push(options.sharedBatches);
        return executor.program(options);
      },
    };
    await trainAll(watched, [{ seed: 5 }, { seed: 5, learningRate: 0.1 }]);
    await trainAll(watched, [{ seed: 5 }, { seed: 6 }]);
    expect(shared).toEqual([true, false]);
  });

  it("divides its seconds among its trials", async () => {
    let clock = 0;
    const cohort = cohortOf([{ seed: 1 }, { seed: 2 }]);
    const reports = await collect(train({ cohort, executor, now: () => (clock += 3000) }));
    expect(resultsOf(reports).map(({ seconds }) => seconds)).toEqual([1.5, 1.5]);
  });

  it("must have a trial", async () => {
    await expect(trainAll(executor, [])).rejects.toThrow("has no trials");
  });
});

describe("a closed loop", () => {
  it.each([
    { what: "every training loss", schedule: greedy },
    { what: "every third training loss", schedule: { ...greedy, every: 3 } },
    { what: "every evaluation", schedule: { ...greedy, patience: 0, signal: "evaluation" } },
    {
      what: "every evaluation after a warm-up",
      schedule: { kind: "warmup", steps: 7, schedule: { ...greedy, patience: 0, signal: "evaluation" } },
    },
    {
      what: "every fifth loss after a warm-up",
      schedule: { kind: "warmup", steps: 7, schedule: { ...greedy, every: 5 } },
    },
  ])("that watches $what moves as its rule does on the losses that were reported", async ({ schedule }) => {
    const requests = [
      { task: nmf, schedule, learningRate: 0.4, steps: 60, evaluateEvery: 4, seed: 3 },
      { task: nmf, schedule: { kind: "constant" }, learningRate: 0.01, steps: 60, evaluateEvery: 4, seed: 4 },
    ];
    const trial = trialOf(requests[0]);
    const { trainingLosses, learningRates, evaluations } = curveOf(await trainAll(executor, requests), trial);
    const scheduler = createScheduler(trial.schedule as ScheduleSpec, trial);
    let state = scheduler.init();
    const replayed = trainingLosses.map((trainingLoss, step) => {
      const rate = scheduler.learningRate(state);
      const evaluation = evaluations.findLast((each) => each.step <= step + 1);
      const observation: Observation = { step, trainingLoss, ...(evaluation && { evaluation }) };
      state = scheduler.update(state, observation);
      return rate;
    });
    expect(learningRates).toEqual(replayed);
    expect(new Set(learningRates).size).toBeGreaterThan(2);
  });

  it("pays for the evaluations it watches, in mini-batches", async () => {
    const base = { task: nmf, steps: 20, evaluateEvery: 5, learningRate: 0.1 };
    const requests = [
      { ...base, schedule: greedy },
      { ...base, schedule: { ...greedy, signal: "evaluation" } },
    ];
    const results = resultsOf(await trainAll(executor, requests));
    // Ten held-out rows are two mini-batches of eight, five times.
    expect(results.map(({ forwardPasses }) => forwardPasses)).toEqual([20, 30]);
    expect(results.map(({ backwardPasses }) => backwardPasses)).toEqual([20, 20]);
  });
});

describe("divergence", () => {
  const unstable = { learningRate: 1e6, steps: 40, evaluateEvery: 10 };
  const stable = { learningRate: 0.5, steps: 40, evaluateEvery: 10 };

  it("ends the trial at its step, as the worst of results, and keeps the loss that is not finite", async () => {
    const reports = await trainAll(executor, [unstable, stable]);
    const [diverged, completed] = resultsOf(reports);
    const { trainingLosses, learningRates, evaluations } = curveOf(reports, trialOf(unstable));
    const step = trainingLosses.length - 1;
    expect(step).toBeLessThan(10);
    expect(trainingLosses.map(Number.isFinite)).toEqual(trainingLosses.map((_, t) => t < step));
    expect(learningRates).toHaveLength(step + 1);
    expect(evaluations.map((each) => each.step)).toEqual([0]);
    expect(diverged).toEqual({
      trialId: trialOf(unstable).trialId,
      outcome: { kind: "diverged", step },
      steps: step,
      finalEvaluationLoss: Number.POSITIVE_INFINITY,
      bestEvaluationLoss: Number.POSITIVE_INFINITY,
      areaUnderCurve: Number.POSITIVE_INFINITY,
      forwardPasses: step + 1,
      backwardPasses: step,
      seconds: 0,
    });
    expect(completed?.outcome).toEqual({ kind: "completed" });
  });

  it("leaves the others as they are without it", async () => {
    const [beside, alone] = [await trainAll(executor, [unstable, stable]), await trainAll(executor, [stable])];
    expect(curveOf(beside, trialOf(stable))).toEqual(curveOf(alone, trialOf(stable)));
  });

  it("ends the cohort early when no trial is left", async () => {
    const reports = await trainAll(executor, [unstable, { ...unstable, learningRate: 1e7 }]);
    expect(reports).toHaveLength(1);
    expect(reports[0]?.step).toBe(10);
    expect(resultsOf(reports).map(({ outcome }) => outcome.kind)).toEqual(["diverged", "diverged"]);
  });

  it("is also an evaluation that is not finite", async () => {
    // With a segment that ends at step 1 the loss of step 0 is finite, and what the update did shows first in the evaluation.
    const request = { ...unstable, learningRate: 1e30, evaluateEvery: 1 };
    const reports = await trainAll(executor, [request]);
    const [result] = resultsOf(reports);
    const { trainingLosses, evaluations } = curveOf(reports, trialOf(request));
    expect(trainingLosses).toHaveLength(1);
    expect(evaluations.map(({ loss }) => Number.isFinite(loss))).toEqual([true, false]);
    expect(result).toMatchObject({
      outcome: { kind: "diverged", step: 1 },
      steps: 1,
      forwardPasses: 1,
      backwardPasses: 1,
    });
  });
});

describe("an abort", () => {
  const cohort = cohortOf([{ steps: 2000, evaluateEvery: 100 }]);

  it("ends training after the segment at hand, without results", async () => {
    const controller = new AbortController();
    const reports: unknown[] = [];
    for await (const report of train({ cohort, executor, signal: controller.signal })) {
      reports.push(report);
      expect(report.results).toBeUndefined();
      if (report.step >= 400) controller.abort();
    }
    expect(reports).toHaveLength(2);
  });

  it("before the start trains nothing", async () => {
    expect(await collect(train({ cohort, executor, signal: AbortSignal.abort() }))).toEqual([]);
  });
});

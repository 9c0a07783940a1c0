import { createExecutor, type Executor } from "@stride/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curveOf, resultsOf, type TrialRequest, trainAll, trialOf } from "../test/cohorts.js";

const mlp = { kind: "mlp", data: "mnist", hidden: [16], batch: 20, trainingSize: 200, evaluationSize: 50 };
const steps = 200;

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor("onnx-cpu");
});
afterAll(() => executor[Symbol.asyncDispose]());

async function curvesOf(requests: readonly TrialRequest[]) {
  const reports = await trainAll(executor, requests);
  return requests.map((request) => curveOf(reports, trialOf(request)));
}

async function curveUnder(noise: unknown, request: TrialRequest = {}) {
  const [curve] = await curvesOf([
    { learningRate: 0.05, steps, ...request, ...(noise === undefined ? {} : { noise }) },
  ]);
  return curve as NonNullable<typeof curve>;
}

const rootMeanSquare = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

function expectClose(values: readonly number[] = [], expected: readonly number[] = [], tolerance: number): void {
  expect(values).toHaveLength(expected.length);
  values.forEach((value, t) => {
    expect(Math.abs(value / (expected[t] as number) - 1)).toBeLessThan(tolerance);
  });
}

describe("noise on the observed loss", () => {
  const observed = (shape: string, strength: number, scale = "relative") => ({
    kind: "observed-loss",
    shape,
    strength,
    scale,
  });
  const moved = ({ trainingLosses, seenLosses }: Awaited<ReturnType<typeof curveUnder>>) =>
    trainingLosses.map((loss, t) => ((seenLosses[t] as number) - loss) / loss);

  it("leaves an open-loop training as it is, to the bit, and records both losses", async () => {
    const [clean, noisy] = [await curveUnder(undefined), await curveUnder(observed("gaussian", 0.5))];
    expect(noisy.trainingLosses).toEqual(clean.trainingLosses);
    expect(noisy.evaluations).toEqual(clean.evaluations);
    expect(clean.seenLosses).toEqual([]);
    expect(noisy.seenLosses).toHaveLength(steps);
  });

  it("is gaussian with the strength as its deviation", async () => {
    const errors = moved(await curveUnder(observed("gaussian", 0.5)));
    // Of 200 normals the deviation is known to 5 %, a standard error.
    expect(rootMeanSquare(errors) / 0.5).toBeGreaterThan(0.8);
    expect(rootMeanSquare(errors) / 0.5).toBeLessThan(1.2);
  });

  it.each([
    { shape: "spikes", expected: (t: number) => (t % 50 >= 47 ? 2 : 0) },
    { shape: "oscillation", expected: (t: number) => 2 * Math.sin(0.1 * t) },
    { shape: "drift", expected: (t: number) => (2 * t) / steps },
  ])("has $shape of the strength at their steps", async ({ shape, expected }) => {
    moved(await curveUnder(observed(shape, 2))).forEach((error, t) => {
      expect(error).toBeCloseTo(expected(t), 5);
    });
  });

  it("bursts in 20 of 200 steps, and spikes at random in one of 50", async () => {
    const bursts = moved(await curveUnder(observed("bursts", 1)));
    expect(bursts.slice(0, 180).every((error) => error === 0)).toBe(true);
    expect(bursts.slice(180).every((error) => error !== 0)).toBe(true);
    const spikes = moved(await curveUnder(observed("random-spikes", 1), { steps: 2000 }));
    const share = spikes.filter((error) => error !== 0).length / 2000;
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.03);
  });

  it("is absolute where asked", async () => {
    const { trainingLosses, seenLosses } = await curveUnder(observed("spikes", 3, "absolute"));
    expect((seenLosses[47] as number) - (trainingLosses[47] as number)).toBeCloseTo(3, 5);
  });

  it("reaches a rule that watches: the rates move otherwise, and the training with them", async () => {
    const schedule = { kind: "greedy", patience: 0, factor: 0.5 };
    const [clean, noisy] = [
      await curveUnder(undefined, { schedule }),
      await curveUnder(observed("gaussian", 1), { schedule }),
    ];
    expect(noisy.learningRates).not.toEqual(clean.learningRates);
    expect(noisy.trainingLosses).not.toEqual(clean.trainingLosses);
  });

  it("reaches a rule that watches evaluations", async () => {
    const schedule = { kind: "greedy", patience: 0, factor: 0.5, signal: "evaluation" };
    const [clean, noisy] = [
      await curveUnder(undefined, { schedule }),
      await curveUnder(observed("gaussian", 3), { schedule }),
    ];
    expect(noisy.learningRates).not.toEqual(clean.learningRates);
  });
});

describe("noise on the gradient", () => {
  it("of strength 1 is as large as the gradient, number by number: the first step shows it", async () => {
    // One step of plain descent from one start, at rate 1 on a sphere: x₁ = −n, and the loss is ½ ‖n‖².
    const sphere = { kind: "quadratic", dimension: 200, conditionNumber: 1 };
    const request = { task: sphere, learningRate: 1, steps: 2 };
    const [clean, relative, absolute] = [
      await curveUnder(undefined, request),
      await curveUnder({ kind: "gradient", strength: 0.5 }, request),
      await curveUnder({ kind: "gradient", strength: 0.5, scale: "absolute" }, request),
    ];
    expect(clean.trainingLosses[1]).toBeCloseTo(0, 10);
    const curvature = 1;
    const before = Math.sqrt((2 * (clean.trainingLosses[0] as number)) / curvature);
    const left = (curve: typeof clean) => Math.sqrt((2 * (curve.trainingLosses[1] as number)) / curvature);
    expect(Math.abs(left(relative) / (0.5 * before) - 1)).toBeLessThan(0.2);
    expect(Math.abs(left(absolute) / (0.5 * Math.sqrt(200)) - 1)).toBeLessThan(0.2);
  });

  it("acts in its steps alone", async () => {
    const [clean, noisy] = [
      await curveUnder(undefined, { steps: 60 }),
      await curveUnder({ kind: "gradient", shape: "spikes", strength: 1 }, { steps: 60 }),
    ];
    expect(noisy.trainingLosses.slice(0, 48)).toEqual(clean.trainingLosses.slice(0, 48));
    expect(noisy.trainingLosses[48]).not.toBe(clean.trainingLosses[48]);
  });

  it("is one for trials of one seed, in one cohort or apart", async () => {
    const noise = { kind: "gradient", strength: 1 };
    const request = { learningRate: 0.05, steps: 20, noise };
    const [first, second, other] = await curvesOf([
      request,
      { ...request, schedule: { kind: "linear", startFraction: 1, finalFraction: 1 } },
      { ...request, seed: 2 },
    ]);
    // To rounding: the runtime adds up the slices of a cohort in orders of their own.
    expectClose(second?.trainingLosses, first?.trainingLosses, 1e-6);
    expect(other?.trainingLosses).not.toEqual(first?.trainingLosses);
    const [alone] = await curvesOf([request]);
    expectClose(alone?.trainingLosses, first?.trainingLosses, 1e-4);
  });
});

describe("noise on labels and inputs", () => {
  it("changes the share of labels that it names: at rate 0 each epoch's mean loss says how many", async () => {
    const request = { task: mlp, learningRate: 1e-30, steps: 20, evaluateEvery: 20 };
    const clean = await curveUnder(undefined, request);
    const noisy = await curveUnder({ kind: "labels", strength: 0.5 }, request);
    // Without noise the losses are those of the clean training, and what was minimised is recorded beside them.
    noisy.trainingLosses.forEach((loss, t) => {
      expect(loss).toBeCloseTo(clean.trainingLosses[t] as number, 4);
    });
    expect(noisy.seenLosses).toHaveLength(20);
    // The same examples have the same labels in the second epoch: the mean over an epoch of 10 steps stays.
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(noisy.seenLosses.slice(0, 10))).toBeCloseTo(mean(noisy.seenLosses.slice(10)), 4);
    expect(Math.abs(mean(noisy.seenLosses) - mean(noisy.trainingLosses))).toBeGreaterThan(1e-3);
  });

  it("keeps a training on labels at random from learning", async () => {
    const request = { task: mlp, learningRate: 0.1, steps: 100, evaluateEvery: 100 };
    const [clean, noisy] = [
      await curveUnder(undefined, request),
      await curveUnder({ kind: "labels", strength: 0.9 }, request),
    ];
    const last = (curve: typeof clean) => curve.evaluations.at(-1)?.loss as number;
    expect(last(clean)).toBeLessThan(1);
    expect(last(noisy)).toBeGreaterThan(2);
  });

  it("moves the inputs", async () => {
    const request = { task: mlp, learningRate: 0.05, steps: 20, evaluateEvery: 20 };
    const [clean, noisy] = [
      await curveUnder(undefined, request),
      await curveUnder({ kind: "inputs", strength: 0.3 }, request),
    ];
    expect(noisy.trainingLosses[0]).toBeCloseTo(clean.trainingLosses[0] as number, 5);
    expect(noisy.seenLosses[0]).not.toBeCloseTo(clean.trainingLosses[0] as number, 3);
    expect(noisy.trainingLosses).not.toEqual(clean.trainingLosses);
  });
});

describe("rules that set their rates from gradients", () => {
  it("reports the rates that a line search took, and charges each try", async () => {
    const request = { schedule: { kind: "line-search" }, learningRate: 10, steps: 30 };
    const reports = await trainAll(executor, [request]);
    const { learningRates, trainingLosses } = curveOf(reports, trialOf(request));
    expect(Math.max(...learningRates)).toBeLessThan(10);
    expect(new Set(learningRates).size).toBeGreaterThan(3);
    // Full batches: Armijo's condition makes every step a descent.
    for (let t = 1; t < 30; t++) expect(trainingLosses[t]).toBeLessThan(trainingLosses[t - 1] as number);
    const [result] = resultsOf(reports);
    expect(result?.backwardPasses).toBe(30);
    expect(result?.forwardPasses).toBeGreaterThan(60);
  });
});

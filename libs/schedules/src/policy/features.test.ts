import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observation } from "../schedule.js";
import { closeWindow, describeFeatures, type FeatureState, featureNames, noFeatures, observed } from "./features.js";

const all = { gradients: true, bound: true };

/** Features at the end of each window of `every` steps, all taken at one rate. */
function featuresOf(
  steps: readonly Partial<Observation>[],
  { every, rate, baseRate = rate }: { every: number; rate: number; baseRate?: number },
) {
  let state: FeatureState = noFeatures;
  const found: Record<string, number>[] = [];
  steps.forEach((given, step) => {
    state = observed(state, { step, trainingLoss: 1, gradientNorm: 1, bound: 1, ...given }, rate);
    if ((step + 1) % every !== 0) return;
    const closed = closeWindow(state, all, { rate, baseRate, step: step + 1, steps: 100, lastAction: 0 });
    state = JSON.parse(JSON.stringify(closed.state));
    found.push(Object.fromEntries(featureNames(all).map((name, i) => [name, closed.features[i] as number])));
  });
  return found;
}

const losses = (values: readonly number[]) => values.map((trainingLoss) => ({ trainingLoss }));

describe("features", () => {
  it("tell how the mean log loss moved over one window, the one before, and four", () => {
    const found = featuresOf(losses([8, 8, 4, 4, 2, 2, 1, 1, 2, 2, 4, 4]), { every: 2, rate: 0.1 });
    const inTwos = (name: string) => found.map((each) => (each[name] as number) / Math.log(2));
    expect(inTwos("fall")).toEqual([0, -1, -1, -1, 1, 1].map((value) => expect.closeTo(value, 12)));
    expect(inTwos("fallBefore")).toEqual([0, 0, -1, -1, -1, 1].map((value) => expect.closeTo(value, 12)));
    expect(inTwos("fallOverFour")).toEqual([0, -1, -2, -3, -2, 0].map((value) => expect.closeTo(value, 12)));
    expect(inTwos("aboveBest")).toEqual([0, 0, 0, 0, 1, 2].map((value) => expect.closeTo(value, 12)));
  });

  it("find the slope within a window and what is left of it", () => {
    const line = Array.from({ length: 10 }, (_, i) => Math.exp(-0.3 * i));
    const [straight] = featuresOf(losses(line), { every: 10, rate: 0.1 });
    expect(straight?.slope).toBeCloseTo(-3, 10);
    expect(straight?.noise).toBeCloseTo(Math.log(1e-6), 2);
    const zigzag = line.map((loss, i) => loss * Math.exp(i % 2 === 0 ? 0.2 : -0.2));
    const [noisy] = featuresOf(losses(zigzag), { every: 10, rate: 0.1 });
    expect(noisy?.noise).toBeCloseTo(Math.log(0.2), 1);
  });

  it("know the budget, and the rate over the base rate and over the bound", () => {
    const [found] = featuresOf(Array(10).fill({ bound: 0.4 }), { every: 10, rate: 0.2, baseRate: 0.1 });
    expect(found).toMatchObject({
      budget: 0.1,
      rate: expect.closeTo(Math.log(2), 12),
      rateOverBound: expect.closeTo(Math.log(0.5), 12),
    });
    const [free] = featuresOf(Array(10).fill({ bound: Number.POSITIVE_INFINITY }), { every: 10, rate: 0.2 });
    expect(free?.rateOverBound).toBe(0);
  });

  it("are finite whatever the losses are", () => {
    for (const loss of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE, Number.MAX_VALUE]) {
      const found = featuresOf(losses([1, loss, 1, loss]), { every: 2, rate: 0.1 });
      for (const each of found) expect(Object.values(each).every(Number.isFinite)).toBe(true);
    }
  });

  it("have no scale: factors of losses, of rates with bounds, and of gradients change nothing", () => {
    const scale = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const step = fc.record({
      trainingLoss: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      gradientNorm: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      bound: fc.double({ min: 1e-2, max: 1e2, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 24 }), scale, scale, scale, (steps, loss, rate, norm) => {
        const scaled = steps.map((each) => ({
          trainingLoss: loss * each.trainingLoss,
          gradientNorm: norm * each.gradientNorm,
          bound: rate * each.bound,
        }));
        const plain = featuresOf(steps, { every: 4, rate: 0.5, baseRate: 0.1 });
        const other = featuresOf(scaled, { every: 4, rate: rate * 0.5, baseRate: rate * 0.1 });
        plain.forEach((each, i) => {
          for (const [name, value] of Object.entries(each)) expect(other[i]?.[name]).toBeCloseTo(value, 6);
        });
      }),
    );
  });

  it("are as many as their names, and each is described", () => {
    for (const sees of [all, { gradients: false, bound: false }]) {
      const place = { rate: 1, baseRate: 1, step: 1, steps: 2, lastAction: 0 };
      const state = observed(noFeatures, { step: 0, trainingLoss: 1 }, 1);
      expect(closeWindow(state, sees, place).features).toHaveLength(featureNames(sees).length);
    }
    expect(describeFeatures(all).every(([, meaning]) => meaning.length > 10)).toBe(true);
  });
});

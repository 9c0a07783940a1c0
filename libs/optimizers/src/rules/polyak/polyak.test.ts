import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import {
  agreesWithAuthors,
  descendNoisily,
  noisyProblem,
  optimizerOf,
  ruleOf,
} from "../../../test/agrees-with-authors.js";
import { gradientRuleContract } from "../../../test/gradient-rule-contract.js";
import { refusal } from "../spec.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const sgd = optimizerOf({ kind: "sgd" });

agreesWithAuthors("polyak");

gradientRuleContract(ruleOf({ kind: "polyak" }), sgd);
gradientRuleContract(ruleOf({ kind: "polyak", cap: "constant", leastLoss: -0.5 }), sgd);

/** 2 x², of curvature 4. */
const parabola = {
  shapes: [[1]],
  starts: [[3]],
  gradient: (x: tf.Tensor2D) => tf.mul(4, x) as tf.Tensor2D,
  loss: (x: tf.Tensor2D) => tf.sum(tf.mul(2, tf.square(x)), 1) as tf.Tensor1D,
};

it.each([
  { c: 0.5, rate: 0.25, positions: [0, 0, 0], what: "reaches a parabola's minimum in one step, and stays" },
  { c: 1, rate: 0.125, positions: [1.5, 0.75, 0.375], what: "halves the way to it each time" },
])("with c = $c $what", ({ c, rate, positions }) => {
  const rule = ruleOf({ kind: "polyak", c, cap: "constant" });
  const steps = descendNoisily({ rule, optimizer: sgd, learningRates: [10], steps: 3, ...parabola });
  expect(steps[0]?.rates.mean[0]).toBeCloseTo(rate, 6);
  steps.forEach((step, t) => {
    expect(step.positions[0]?.[0]).toBeCloseTo(positions[t] as number, 6);
  });
  for (const { rates } of steps.slice(1)) expect(rates.mean[0]).toBeCloseTo(positions[0] === 0 ? 0 : rate, 6);
});

/** x, falling at slope 1; at a gradient of zero in the third step if wanted. */
const slope = (restsAt?: number) => ({
  shapes: [[1]],
  gradient: (x: tf.Tensor2D, step: number) => (step === restsAt ? tf.zerosLike(x) : tf.onesLike(x)),
  loss: (x: tf.Tensor2D) => tf.sum(x, 1) as tf.Tensor1D,
});

it.each([
  { cap: "smooth", expected: [0.25, 0.5, 1, 2] },
  { cap: "constant", expected: [0.25, 0.25, 0.25, 0.25] },
])("has a $cap cap: from the base rate, $expected", ({ cap, expected }) => {
  const rule = ruleOf({ kind: "polyak", cap, growth: 8 });
  const steps = descendNoisily({
    rule,
    optimizer: sgd,
    learningRates: [0.25],
    starts: [[1000]],
    batchesPerEpoch: 3,
    steps: 4,
    ...slope(),
  });
  expect(steps.map(({ rates }) => rates.mean[0])).toEqual(expected);
});

it("takes its cap up again after a step without a gradient, and after one that had none to begin with", () => {
  const ratesOf = (restsAt: number) =>
    descendNoisily({
      rule: ruleOf({ kind: "polyak" }),
      optimizer: sgd,
      learningRates: [0.25],
      starts: [[1000]],
      steps: 4,
      ...slope(restsAt),
    }).map(({ rates }) => rates.mean[0]);
  expect(ratesOf(2)).toEqual([0.25, 0.5, 0, 1]);
  expect(ratesOf(0)).toEqual([0, 0.25, 0.5, 1]);
});

it("stops at the least loss and below it, and never climbs back", () => {
  // At c = ½ it goes twice as far as a line needs: from x = 1.5 over the least loss 1 to ½, if no cap holds it.
  const rule = ruleOf({ kind: "polyak", leastLoss: 1, cap: "constant" });
  const steps = descendNoisily({ rule, optimizer: sgd, learningRates: [10], starts: [[1.5]], steps: 3, ...slope() });
  expect(steps.map(({ positions }) => positions[0]?.[0]?.toFixed(5))).toEqual(["0.50000", "0.50000", "0.50000"]);
  expect(steps.slice(1).map(({ rates }) => rates.mean[0])).toEqual([0, 0]);
});

it("is 1 / (2 c L) along the steepest way of a parabola, 1 / (2 c μ) along the flattest, and between elsewhere", () => {
  const curvatures = tf.tensor1d([4, 0.5]);
  const steps = descendNoisily({
    rule: ruleOf({ kind: "polyak", cap: "constant" }),
    optimizer: sgd,
    learningRates: [100, 100, 100],
    shapes: [[1], [1]],
    starts: [
      [1, 0],
      [0, 3],
      [1, -2],
    ],
    gradient: (x) => tf.mul(x, curvatures),
    loss: (x) => tf.mul(0.5, tf.sum(tf.mul(tf.square(x), curvatures), 1)),
    steps: 1,
  });
  const [steepest, flattest, between] = steps.flatMap(({ rates }) => rates.mean);
  expect(steepest).toBeCloseTo(1 / 4, 6);
  expect(flattest).toBeCloseTo(1 / 0.5, 5);
  // (4 · 1 + ½ · 4) / (4² · 1 + ½² · 4)
  expect(between).toBeCloseTo(6 / 17, 6);
});

it("tells the rate that was taken", () => {
  let previous = noisyProblem.start;
  for (const { positions, gradients, rates } of descendNoisily({ rule: ruleOf({ kind: "polyak" }), optimizer: sgd })) {
    const moved = (positions[0] ?? []).map((x, i) => x - (previous[i] as number));
    const taken = Math.hypot(...moved) / Math.hypot(...(gradients[0] ?? []));
    expect(Math.abs((rates.mean[0] as number) / taken - 1)).toBeLessThan(2e-5);
    expect([rates.lowest, rates.highest]).toEqual([rates.mean, rates.mean]);
    previous = positions[0] as number[];
  }
});

it.each([
  { optimizer: { kind: "sgd" }, reason: undefined },
  { optimizer: { kind: "adam" }, reason: "polyak steers plain sgd, not adam" },
  { optimizer: { kind: "sgd", momentum: 0.9 }, reason: "polyak steers sgd without momentum, not with 0.9" },
  { optimizer: { kind: "sgd", weightDecay: 0.1 }, reason: "polyak steers sgd without weight decay, not with 0.1" },
])("of $optimizer: $reason", ({ optimizer, reason }) => {
  expect(refusal(ruleOf({ kind: "polyak" }), optimizerOf(optimizer))).toBe(reason);
});

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
import { createOptimizer } from "../../create-optimizer.js";
import type { OptimizerSpec } from "../../spec.js";
import { gradientRuleSpecSchema, refusal } from "../spec.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const hypergradient = (options: object) => ruleOf({ kind: "hypergradient", ...options });
const sgd = optimizerOf({ kind: "sgd" });
const adam = optimizerOf({ kind: "adam" });
const nesterov = optimizerOf({ kind: "sgd", momentum: 0.9, nesterov: true });

agreesWithAuthors("hypergradient");

gradientRuleContract(hypergradient({ beta: 1e-3 }), optimizerOf({ kind: "sgd", weightDecay: 0.1 }), 0.05);
gradientRuleContract(hypergradient({ scope: "group", beta: 1e-3 }), adam);
gradientRuleContract(hypergradient({ scope: "parameter", update: "multiplicative" }), nesterov);
gradientRuleContract(hypergradient({ update: "multiplicative" }), adam);

/** Descends at gradients g, and −g in every other step if it turns; g₁ = 1 and g₂ = −2 share a tensor, g₃ = ½ has its own. */
function slide(options: { rule: object; learningRate?: number; turns?: boolean; steps?: number }) {
  const { rule, learningRate = 0.1, turns = false, steps = 4 } = options;
  return descendNoisily({
    rule: hypergradient(rule),
    optimizer: sgd,
    shapes: [[2], [1]],
    starts: [[0, 0, 0]],
    learningRates: [learningRate],
    gradient: (_, step) => tf.mul(turns && step % 2 === 1 ? -1 : 1, tf.tensor2d([[1, -2, 0.5]])),
    steps,
  });
}

it.each([
  { scope: "global", products: [5.25, 5.25, 5.25] },
  { scope: "group", products: [5, 5, 0.25] },
  { scope: "parameter", products: [1, 4, 0.25] },
])("adds β g² each step, of scope $scope $products, and tells the rates that it takes", ({ scope, products }) => {
  let previous = [0, 0, 0];
  slide({ rule: { scope, beta: 0.01 } }).forEach(({ positions, gradients, rates }, t) => {
    const expected = products.map((product) => 0.1 + 0.01 * t * product);
    const taken = (positions[0] ?? []).map((x, i) => ((previous[i] as number) - x) / (gradients[0]?.[i] as number));
    taken.forEach((rate, i) => {
      expect(rate).toBeCloseTo(expected[i] as number, 5);
    });
    expect(rates.lowest[0]).toBeCloseTo(Math.min(...expected), 6);
    expect(rates.highest[0]).toBeCloseTo(Math.max(...expected), 6);
    expect(rates.mean[0]).toBeCloseTo(
      expected.reduce((sum, rate) => sum + rate / 3, 0),
      6,
    );
    previous = positions[0] as number[];
  });
});

it.each([
  { scope: "global", beta: 0.1, turns: false, expected: [0.1, 0.11, 0.121, 0.1331] },
  { scope: "group", beta: 0.1, turns: false, expected: [0.1, 0.11, 0.121, 0.1331] },
  { scope: "parameter", beta: 0.1, turns: true, expected: [0.1, 0.09, 0.081, 0.0729] },
  { scope: "global", beta: undefined, turns: false, expected: [0.1, 0.102, 0.10404, 0.1061208] },
])("multiplies by 1 ± $beta where gradients are parallel: $expected, of scope $scope", (given) => {
  const { scope, beta, turns, expected } = given;
  const rule = { scope, update: "multiplicative", ...(beta === undefined ? {} : { beta }) };
  slide({ rule, turns }).forEach(({ rates }, t) => {
    for (const told of [rates.lowest, rates.mean, rates.highest]) expect(told[0]).toBeCloseTo(expected[t] as number, 6);
  });
});

it.each([
  { update: "additive", learningRate: 0.1, turns: true, expected: [0.1, 0.0475, -0.005, -0.0575], what: "passes" },
  { update: "additive", learningRate: 0, turns: false, expected: [0, 0.0525, 0.105, 0.1575], what: "leaves" },
  { update: "multiplicative", learningRate: 0, turns: false, expected: [0, 0, 0, 0], what: "stays at" },
])("from $learningRate the $update rate $what 0: $expected", ({ update, learningRate, turns, expected }) => {
  const told = slide({ rule: { update, beta: 0.01 }, learningRate, turns }).map(({ rates }) => rates.mean[0] as number);
  told.forEach((rate, t) => {
    expect(rate).toBeCloseTo(expected[t] as number, 6);
  });
});

it("adds up changes below the rate's last digit", () => {
  // 1 + 10⁻⁸ is 1 in float32. The second number's gradient is −2.
  const steps = slide({ rule: { scope: "parameter", beta: 1e-8 }, learningRate: 1, steps: 201 });
  expect(Math.abs((steps.at(-1)?.rates.highest[0] as number) - (1 + 200 * 4e-8))).toBeLessThan(1.2e-7);
});

it("tells the mean of thousands of equal rates as that rate", () => {
  const steps = descendNoisily({
    rule: hypergradient({ scope: "group", beta: 1e-4 }),
    optimizer: sgd,
    shapes: [[10_000]],
    starts: [Array.from({ length: 10_000 }, () => 0)],
    learningRates: [0.1],
    gradient: (x) => tf.fill(x.shape, 0.3) as tf.Tensor2D,
    steps: 3,
  });
  for (const { rates } of steps) expect([rates.mean, rates.lowest]).toEqual([rates.highest, rates.highest]);
});

it("goes the same way on a loss of another scale when it is multiplicative", () => {
  const scale = 1024;
  const rule = hypergradient({ update: "multiplicative", beta: 0.1 });
  const plain = descendNoisily({ rule, optimizer: nesterov, learningRates: [0.05] });
  const scaled = descendNoisily({
    rule,
    optimizer: nesterov,
    learningRates: [0.05 / scale],
    gradient: (x, step) => tf.mul(scale, noisyProblem.gradient(x, step)),
  });
  expect(scaled.map(({ positions }) => positions)).toEqual(plain.map(({ positions }) => positions));
});

it.each([
  { optimizer: { kind: "sgd" } },
  { optimizer: { kind: "sgd", weightDecay: 0.2 } },
  { optimizer: { kind: "sgd", momentum: 0.8 } },
  { optimizer: { kind: "sgd", momentum: 0.8, nesterov: true, weightDecay: 0.2 } },
  { optimizer: { kind: "adam", epsilon: 0.3 } },
  { optimizer: { kind: "adam", beta1: 0, beta2: 0.9, epsilon: 0.01 } },
])("is the optimizer that it steers when β is 0: $optimizer", ({ optimizer }) => {
  const spec = optimizerOf(optimizer);
  const expected = plainDescent(spec, 0.05);
  for (const update of ["additive", "multiplicative"]) {
    const rule = hypergradient({ scope: "group", update, beta: 0 });
    descendNoisily({ rule, optimizer: spec, learningRates: [0.05] }).forEach(({ positions, rates }, t) => {
      expect(rates.mean[0]).toBe(Math.fround(0.05));
      positions[0]?.forEach((x, i) => {
        expect(x).toBeCloseTo(expected[t]?.[i] as number, 5);
      });
    });
  }
});

/** Positions after each step of the optimizer at a constant rate, `[T][n]`. */
function plainDescent(spec: OptimizerSpec, learningRate: number): number[][] {
  const optimizer = createOptimizer(spec);
  return tf.tidy(() => {
    let parameters: readonly tf.Tensor[] = [tf.tensor2d([[...noisyProblem.start]])];
    let slots: readonly (readonly tf.Tensor[])[] = parameters.map((each) =>
      optimizer.slots.map(() => tf.zerosLike(each)),
    );
    return Array.from({ length: noisyProblem.steps }, (_, step) => {
      const gradients = [noisyProblem.gradient(parameters[0] as tf.Tensor2D, step)];
      const [losses, learningRates] = [tf.zeros([1]), tf.tensor1d([learningRate])];
      const given = { parameters, slots, trialSlots: [], gradients, losses, learningRates, step: tf.scalar(step) };
      ({ parameters, slots } = optimizer.update(given));
      return [...(parameters[0] as tf.Tensor).dataSync()];
    });
  });
}

it.each([
  { optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 0.1 }, reason: undefined },
  { optimizer: { kind: "adam" }, reason: undefined },
  { optimizer: { kind: "adamw" }, reason: "hypergradient steers sgd and adam, not adamw" },
])("of $optimizer: $reason", ({ optimizer, reason }) => {
  expect(refusal(hypergradient({}), optimizerOf(optimizer))).toBe(reason);
});

it("refuses a multiplicative β of 1 and above, and only that", () => {
  const issues = (options: object) =>
    gradientRuleSpecSchema.safeParse({ kind: "hypergradient", ...options }).error?.issues.map(({ path }) => path);
  expect(issues({ update: "multiplicative", beta: 1 })).toEqual([["beta"]]);
  expect(issues({ update: "multiplicative", beta: 0.99 })).toBeUndefined();
  expect(issues({ beta: 1 })).toBeUndefined();
});

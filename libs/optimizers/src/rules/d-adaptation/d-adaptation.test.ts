import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { agreesWithAuthors, descendNoisily, optimizerOf, ruleOf } from "../../../test/agrees-with-authors.js";
import { gradientRuleContract } from "../../../test/gradient-rule-contract.js";
import { refusal } from "../spec.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const rule = ruleOf({ kind: "d-adaptation" });
const sgd = optimizerOf({ kind: "sgd" });
const atZero = { rule, starts: [[0, 0, 0, 0, 0, 0, 0]] };

agreesWithAuthors("d-adaptation");

gradientRuleContract(rule, sgd);
gradientRuleContract(
  ruleOf({ kind: "d-adaptation", initialDistance: 1e-4, growth: 1.5 }),
  optimizerOf({ kind: "sgd", momentum: 0.9, weightDecay: 0.1 }),
);
gradientRuleContract(rule, optimizerOf({ kind: "adam" }));
gradientRuleContract(ruleOf({ kind: "d-adaptation", biasCorrection: true }), optimizerOf({ kind: "adamw" }));

it("tells the rate that gradient descent took: each step is rate x gradient long", () => {
  let previous = atZero.starts[0] as number[];
  for (const { positions, gradients, rates } of descendNoisily({ ...atZero, optimizer: sgd })) {
    const [position, gradient, rate] = [positions[0], gradients[0], rates.mean[0]] as [number[], number[], number];
    const scale = rate * Math.hypot(...gradient);
    position.forEach((x, i) => {
      const expected = -rate * (gradient[i] as number);
      // A position is rounded to 6e-8 of itself.
      expect(Math.abs(x - (previous[i] as number) - expected)).toBeLessThan(1e-6 * scale + 2e-7 * Math.abs(x));
    });
    previous = position;
  }
});

it("tells the rate that Adam took: it weighs the gradient in the mean", () => {
  const optimizer = optimizerOf({ kind: "adam" });
  const [mean, variance] = [new Float64Array(7), new Float64Array(7)];
  let previous = atZero.starts[0] as number[];
  for (const { positions, gradients, rates } of descendNoisily({ ...atZero, optimizer })) {
    positions[0]?.forEach((x, i) => {
      const gradient = gradients[0]?.[i] as number;
      mean[i] = 0.9 * (mean[i] as number) + 0.1 * (rates.mean[0] as number) * gradient;
      variance[i] = 0.999 * (variance[i] as number) + 0.001 * gradient ** 2;
      const expected = -(mean[i] as number) / (Math.sqrt(variance[i] as number) + 1e-8);
      const error = Math.abs(x - (previous[i] as number) - expected);
      expect(error).toBeLessThan(1e-5 * Math.abs(expected) + 2e-7 * Math.abs(x));
    });
    previous = positions[0] as number[];
  }
});

it("starts at d / |g| times the base rate and grows no faster than it may", () => {
  const growing = ruleOf({ kind: "d-adaptation", initialDistance: 1e-3, growth: 1.1 });
  const steps = descendNoisily({ rule: growing, optimizer: sgd, learningRates: [0.5] });
  const rates = steps.map(({ rates: { mean } }) => mean[0] as number);
  const firstNorm = Math.hypot(...(steps[0]?.gradients[0] ?? []));
  expect((rates[0] as number) * firstNorm).toBeCloseTo(0.5e-3, 9);
  const factors = rates.slice(1).map((rate, t) => rate / (rates[t] as number));
  expect(Math.min(...factors)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...factors)).toBeCloseTo(1.1, 6);
});

it.each([
  { optimizer: { kind: "sgd", momentum: 0.9, weightDecay: 0.1 }, given: {}, reason: undefined },
  { optimizer: { kind: "adamw" }, given: { biasCorrection: true }, reason: undefined },
  {
    optimizer: { kind: "sgd", momentum: 0.9, nesterov: true },
    given: {},
    reason: "d-adaptation steers sgd with plain momentum, not with Nesterov's",
  },
  {
    optimizer: { kind: "sgd" },
    given: { biasCorrection: true },
    reason: "d-adaptation corrects the bias of adam and adamw, and sgd has none",
  },
])("of $optimizer with $given: $reason", ({ optimizer, given, reason }) => {
  expect(refusal(ruleOf({ kind: "d-adaptation", ...given }), optimizerOf(optimizer))).toBe(reason);
});

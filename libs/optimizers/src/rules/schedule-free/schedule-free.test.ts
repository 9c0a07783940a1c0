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

const plain = ruleOf({ kind: "schedule-free" });
const sgd = optimizerOf({ kind: "sgd" });

agreesWithAuthors("schedule-free");

gradientRuleContract(plain, sgd);
gradientRuleContract(
  ruleOf({ kind: "schedule-free", warmupSteps: 6, averagingPower: 2, ratePower: 1 }),
  optimizerOf({ kind: "sgd", momentum: 0.5, weightDecay: 0.1 }),
);
gradientRuleContract(ruleOf({ kind: "schedule-free", ratePower: 0 }), optimizerOf({ kind: "adam" }));
gradientRuleContract(ruleOf({ kind: "schedule-free", warmupSteps: 3 }), optimizerOf({ kind: "adamw", beta1: 0.95 }));

it("evaluates the mean of its descents: at a slope of 1 they are -0.1, -0.2, ... and the mean is -0.05 (t + 1)", () => {
  const steps = descendNoisily({
    rule: plain,
    optimizer: sgd,
    shapes: [[1]],
    starts: [[0]],
    learningRates: [0.1],
    gradient: (x) => tf.onesLike(x),
  });
  steps.forEach(({ positions, evaluated }, i) => {
    const t = i + 1;
    expect(evaluated[0]?.[0]).toBeCloseTo(-0.05 * (t + 1), 5);
    // Trained at 0.1 of the descent and 0.9 of the mean.
    expect(positions[0]?.[0]).toBeCloseTo(0.1 * -0.1 * t + 0.9 * -0.05 * (t + 1), 5);
  });
});

it("tells the rate that the descent took, which the two kept points give", () => {
  const rule = ruleOf({ kind: "schedule-free", beta: 0.5, warmupSteps: 4 });
  let previous = noisyProblem.start;
  for (const { positions, evaluated, gradients, rates } of descendNoisily({
    rule,
    optimizer: sgd,
    learningRates: [0.3],
  })) {
    const descent = (positions[0] ?? []).map((y, i) => 2 * y - (evaluated[0]?.[i] as number));
    descent.forEach((z, i) => {
      const expected = (previous[i] as number) - (rates.mean[0] as number) * (gradients[0]?.[i] as number);
      expect(z).toBeCloseTo(expected, 5);
    });
    previous = descent;
  }
});

it("rises linearly to the base rate and stays there", () => {
  const rule = ruleOf({ kind: "schedule-free", warmupSteps: 4 });
  const rates = descendNoisily({ rule, optimizer: sgd, learningRates: [0.4], steps: 6 }).map(
    ({ rates: { mean } }) => mean[0],
  );
  [0.1, 0.2, 0.3, 0.4, 0.4, 0.4].forEach((expected, t) => {
    expect(rates[t]).toBeCloseTo(expected, 6);
  });
});

it("weighs late iterates more by the power of their step: (1·z1 + 2·z2 + 3·z3) / 6", () => {
  const rule = ruleOf({ kind: "schedule-free", averagingPower: 1 });
  const steps = descendNoisily({
    rule,
    optimizer: sgd,
    shapes: [[1]],
    starts: [[0]],
    steps: 3,
    gradient: (x) => tf.onesLike(x),
  });
  expect(steps[2]?.evaluated[0]?.[0]).toBeCloseTo(-(1 * 1 + 2 * 2 + 3 * 3) / 6, 5);
});

it.each([
  { optimizer: { kind: "sgd" }, given: {}, reason: undefined },
  { optimizer: { kind: "sgd", momentum: 0.9 }, given: {}, reason: undefined },
  { optimizer: { kind: "adam", beta1: 0 }, given: { beta: 0.9 }, reason: undefined },
  {
    optimizer: { kind: "adam", beta1: 0 },
    given: {},
    reason: "schedule-free needs a beta of its own where beta1 is 0",
  },
  {
    optimizer: { kind: "sgd", momentum: 0.9, nesterov: true },
    given: {},
    reason: "schedule-free steers sgd with plain momentum, not with Nesterov's",
  },
])("of $optimizer with $given: $reason", ({ optimizer, given, reason }) => {
  expect(refusal(ruleOf({ kind: "schedule-free", ...given }), optimizerOf(optimizer))).toBe(reason);
});

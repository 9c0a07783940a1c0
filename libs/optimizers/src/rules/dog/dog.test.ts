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

agreesWithAuthors("dog");

gradientRuleContract(ruleOf({ kind: "dog", initialReach: 1e-3 }), optimizerOf({ kind: "sgd", weightDecay: 0.1 }));
gradientRuleContract(ruleOf({ kind: "dog", scope: "group", evaluate: "last" }), sgd);
gradientRuleContract(ruleOf({ kind: "dog", scope: "group", initialReach: 1e-3 }), sgd);

it("first goes initialReach x (1 + |x0|) far", () => {
  const rule = ruleOf({ kind: "dog", initialReach: 0.01 });
  const [first] = descendNoisily({ rule, optimizer: sgd, steps: 1, learningRates: [2] });
  const length = (first?.rates.mean[0] as number) * Math.hypot(...(first?.gradients[0] ?? []));
  expect(length).toBeCloseTo(2 * 0.01 * (1 + Math.hypot(...noisyProblem.start)), 6);
});

it("tells the rates that were taken, one for each parameter, and their mean over all numbers", () => {
  let previous = noisyProblem.start;
  const rule = ruleOf({ kind: "dog", scope: "group", initialReach: 0.01 });
  for (const { positions, gradients, rates } of descendNoisily({ rule, optimizer: sgd })) {
    const ratio = (from: number, to: number) => {
      const moved = (positions[0] ?? []).slice(from, to).map((x, i) => x - (previous[from + i] as number));
      return Math.hypot(...moved) / Math.hypot(...(gradients[0] ?? []).slice(from, to));
    };
    // The first parameter has four numbers, the second three.
    const taken = [ratio(0, 4), ratio(4, 7)] as const;
    const expected = [Math.min(...taken), (4 * taken[0] + 3 * taken[1]) / 7, Math.max(...taken)];
    [rates.lowest, rates.mean, rates.highest].forEach(([told], i) => {
      expect(Math.abs((told as number) / (expected[i] as number) - 1)).toBeLessThan(2e-4);
    });
    previous = positions[0] as number[];
  }
});

it("evaluates the plain mean of its iterates when no one of them weighs more", () => {
  const rule = ruleOf({ kind: "dog", initialReach: 0.1, averagingPower: 0 });
  const steps = descendNoisily({ rule, optimizer: sgd });
  steps.forEach(({ evaluated }, t) => {
    evaluated[0]?.forEach((value, i) => {
      const sum = steps.slice(0, t + 1).reduce((all, { positions }) => all + (positions[0]?.[i] as number), 0);
      expect(value).toBeCloseTo(sum / (t + 1), 5);
    });
  });
});

it("evaluates the last iterate where it is told to, and keeps no average for it", () => {
  const rule = ruleOf({ kind: "dog", initialReach: 0.1, evaluate: "last" });
  for (const { positions, evaluated } of descendNoisily({ rule, optimizer: sgd })) {
    expect(evaluated).toEqual(positions);
  }
});

it("measures its reach and averages after a projection", () => {
  // Pushed down at 1 from 1, held at 0: the reach is then 1, and the gradient's norm the root of the steps.
  const steps = descendNoisily({
    rule: ruleOf({ kind: "dog", initialReach: 0.25, epsilon: 1e-8, averagingPower: 0 }),
    optimizer: sgd,
    shapes: [[1]],
    starts: [[1]],
    steps: 20,
    gradient: (x) => tf.onesLike(x),
    project: (parameter) => tf.relu(parameter),
  });
  expect(steps.at(-1)?.positions).toEqual([[0]]);
  expect((steps.at(-1)?.rates.mean[0] as number) * Math.sqrt(20)).toBeCloseTo(1, 5);
  for (const { evaluated } of steps) expect(evaluated[0]?.[0]).toBeGreaterThanOrEqual(0);
});

it.each([
  { optimizer: { kind: "sgd", weightDecay: 0.1 }, reason: undefined },
  { optimizer: { kind: "sgd", momentum: 0.9 }, reason: "dog steers sgd without momentum, not with 0.9" },
  { optimizer: { kind: "adam" }, reason: "dog steers sgd, not adam" },
])("of $optimizer: $reason", ({ optimizer, reason }) => {
  expect(refusal(ruleOf({ kind: "dog" }), optimizerOf(optimizer))).toBe(reason);
});

import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { agreesWithAuthors, descendNoisily, optimizerOf, ruleOf } from "../../../test/agrees-with-authors.js";
import { gradientRuleContract } from "../../../test/gradient-rule-contract.js";
import { refusal } from "../spec.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const adam = optimizerOf({ kind: "adam" });

agreesWithAuthors("prodigy");

gradientRuleContract(ruleOf({ kind: "prodigy" }), adam);
gradientRuleContract(
  ruleOf({ kind: "prodigy", initialDistance: 1e-3, growth: 1.5, biasCorrection: true, safeguardWarmup: true }),
  optimizerOf({ kind: "adamw", beta1: 0, weightDecay: 0.1 }),
);

it("tells the rate that was taken: it moves by rate x mean / root, both weighted by the distance", () => {
  const start = [0, 0, 0, 0, 0, 0, 0];
  const factor = 0.5;
  const [mean, variance] = [new Float64Array(7), new Float64Array(7)];
  let previous = start;
  const steps = descendNoisily({
    rule: ruleOf({ kind: "prodigy" }),
    optimizer: adam,
    starts: [start],
    learningRates: [factor],
  });
  steps.forEach(({ positions, gradients, rates }, t) => {
    const rate = rates.mean[0] as number;
    const distance = rate / factor;
    // The epsilon has the distance after the step, which the next step's rate tells.
    const distanceAfter = ((steps[t + 1] ?? steps[t])?.rates.mean[0] as number) / factor;
    positions[0]?.forEach((x, i) => {
      const weighted = distance * (gradients[0]?.[i] as number);
      mean[i] = 0.9 * (mean[i] as number) + 0.1 * weighted;
      variance[i] = 0.999 * (variance[i] as number) + 0.001 * weighted ** 2;
      const root = Math.sqrt(variance[i] as number) + distanceAfter * 1e-8;
      const expected = (-rate * (mean[i] as number)) / root;
      const error = Math.abs(x - (previous[i] as number) - expected);
      expect(error).toBeLessThan(1e-5 * Math.abs(expected) + 2e-7 * Math.abs(x));
    });
    previous = positions[0] as number[];
  });
});

it("finds the same distance from far smaller first guesses", () => {
  const distances = [1e-4, 1e-8].map((initialDistance) => {
    const rule = ruleOf({ kind: "prodigy", initialDistance });
    return descendNoisily({ rule, optimizer: adam }).at(-1)?.rates.mean[0] as number;
  });
  const [near, far] = distances as [number, number];
  expect(far / near).toBeGreaterThan(0.5);
  expect(far / near).toBeLessThan(2);
});

it("measures its way after a projection", () => {
  // All of it is held at its start, so there is no way, no progress, and the rate stays the first one.
  const start = [1, 1, 1, 1, 1, 1, 1];
  const steps = descendNoisily({
    rule: ruleOf({ kind: "prodigy", initialDistance: 1e-3 }),
    optimizer: adam,
    starts: [start],
    project: (parameter) => tf.onesLike(parameter),
  });
  for (const { rates } of steps) expect(rates.mean[0]).toBeCloseTo(1e-3, 9);
});

it.each([
  { optimizer: { kind: "adam" }, reason: undefined },
  { optimizer: { kind: "adamw" }, reason: undefined },
  { optimizer: { kind: "sgd" }, reason: "prodigy steers adam and adamw, not sgd" },
])("of $optimizer.kind: $reason", ({ optimizer, reason }) => {
  expect(refusal(ruleOf({ kind: "prodigy" }), optimizerOf(optimizer))).toBe(reason);
});

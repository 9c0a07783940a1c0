import fc from "fast-check";
import { expect, it } from "vitest";
import {
  entropy,
  forward,
  largest,
  logDensity,
  logProbabilities,
  normalEntropy,
  normalisedFeatures,
} from "./network.js";

it("puts tanh after every layer but the last", () => {
  const layers = [
    {
      weights: [
        [1, 0],
        [0, 2],
      ],
      biases: [0, 1],
    },
    { weights: [[3], [4]], biases: [5] },
  ];
  expect(forward(layers, [0.5, -0.25])).toEqual([3 * Math.tanh(0.5) + 4 * Math.tanh(0.5) + 5]);
});

it("normalises features and cuts them off at ±10", () => {
  const normalisation = { count: 1, mean: [1, 0, 0], deviation: [2, 1e-3, 1e-3] };
  expect(normalisedFeatures([3, 1, -1], normalisation)).toEqual([1, 10, -10]);
});

it("gives log-probabilities that add up to one, whatever is added to all logits", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2, maxLength: 6 }),
      fc.double({ min: -500, max: 500, noNaN: true }),
      (logits, shift) => {
        const logged = logProbabilities(logits);
        expect(logged.reduce((sum, each) => sum + Math.exp(each), 0)).toBeCloseTo(1, 9);
        logProbabilities(logits.map((logit) => logit + shift)).forEach((each, i) => {
          expect(each).toBeCloseTo(logged[i] as number, 9);
        });
      },
    ),
  );
});

it("knows entropies: log n of n equal ones, 0 of a certain one, ½ log 2πe of a standard normal", () => {
  expect(entropy(logProbabilities([7, 7, 7, 7]))).toBeCloseTo(Math.log(4), 12);
  expect(entropy([0, Number.NEGATIVE_INFINITY])).toBe(-0);
  expect(normalEntropy(0)).toBeCloseTo(1.4189385332, 9);
  expect(logDensity(1, { mean: 0, logDeviation: Math.log(2) })).toBeCloseTo(-0.125 - Math.log(2) - 0.9189385332, 9);
});

it("takes the first of the largest", () => {
  expect(largest([1, 3, 3, 2])).toBe(1);
});

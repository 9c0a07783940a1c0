import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { rateCorrection, unbiasing } from "./bias-correction.js";

beforeAll(() => tf.setBackend("cpu"));

it.each([
  { beta: 0.999, updates: 1, expected: 0.001 },
  { beta: 0.9, updates: 2, expected: 0.19 },
  { beta: 0.9999, updates: 3, expected: 3e-4 - 3e-8 + 1e-12 },
  { beta: 0, updates: 5, expected: 1 },
])("keeps the digits of 1 - $beta ^ $updates", ({ beta, updates, expected }) => {
  const [value] = unbiasing(beta, tf.scalar(updates)).dataSync();
  expect(Math.abs((value as number) / expected - 1)).toBeLessThan(2e-7);
});

it("starts Adam's rate at a root over a share: sqrt(0.001) / 0.1", () => {
  expect(rateCorrection(0.9, 0.999, tf.scalar(1)).dataSync()[0]).toBeCloseTo(Math.sqrt(0.001) / 0.1, 6);
});

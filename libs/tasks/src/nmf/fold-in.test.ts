import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { foldInError } from "./fold-in.js";

const patterns = [
  [1, 0, 2, 0, 1],
  [0, 3, 0, 1, 1],
];
const rows = [
  [2, 3, 4, 1, 3],
  [0.5, 6, 1, 2, 2.5],
  [1, 0, 2, 0, 1],
];

const error = (h: number[][][], updates: number, v: number[][] = rows) =>
  tf.tidy(() => foldInError(tf.tensor3d([v]), tf.tensor3d(h), updates).arraySync() as number[]);

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it("vanishes when H generates the rows", () => {
  expect(error([patterns], 200)[0]).toBeLessThan(1e-6);
});

it("is what is left of one pattern: 1 − cos² of the angle to it", () => {
  // With r = 1 a single update is the exact least-squares weight.
  const [h, v] = [
    [1, 0, 2, 0, 1],
    [2, 3, 4, 1, 3],
  ];
  const cosine = (2 + 8 + 3) / Math.sqrt(6 * 39);
  expect(error([[h]], 1, [v])[0]).toBeCloseTo(1 - cosine ** 2, 6);
});

it("never rises with more updates", () => {
  const h = [
    [0.3, 0.1, 0.9, 0.2, 0.5],
    [0.7, 0.8, 0.1, 0.4, 0.3],
  ];
  const errors = [0, 1, 2, 5, 10, 30].map((updates) => error([h], updates)[0] as number);
  errors.slice(1).forEach((value, i) => {
    expect(value).toBeLessThanOrEqual(errors[i] as number);
  });
});

it("does not depend on the scale of H", () => {
  const scaled = (factor: number) => patterns.map((row) => row.map((value) => value * factor));
  const [plain, small, large] = error([patterns, scaled(2 ** -40), scaled(2 ** 90)], 30);
  expect(small).toBe(plain);
  expect(large).toBe(plain);
});

it("is 1 for an H of zeros, and finite for one of extremes", () => {
  const zero = [
    [0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ];
  const extreme = [
    [3e38, 0, 1e-38, 0, 0],
    [0, 1e-20, 0, 1, 1e-45],
  ];
  const tiny = [
    [1e-38, 0, 1e-40, 0, 0],
    [0, 0, 0, 0, 0],
  ];
  const [none, ...others] = error([zero, extreme, tiny], 30);
  expect(none).toBe(1);
  for (const value of others) {
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(1.0001);
  }
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "is not finite for an H with %s, and leaves the other trials alone",
  (bad) => {
    const [broken, whole] = error([[[1, 0, bad, 0, 1], patterns[1] as number[]], patterns], 30);
    expect(Number.isFinite(broken)).toBe(false);
    expect(whole).toBe(error([patterns], 30)[0]);
  },
);

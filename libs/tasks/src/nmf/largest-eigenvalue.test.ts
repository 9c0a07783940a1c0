import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { largestEigenvalueBound } from "./largest-eigenvalue.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const boundOf = (matrix: number[][]) =>
  tf.tidy(() => largestEigenvalueBound(tf.tensor3d([matrix])).dataSync()[0] as number);
const diagonal = (values: readonly number[]) => values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));

/** I − 2uuᵀ / ‖u‖² keeps eigenvalues: a matrix with the given ones that is not diagonal. */
function reflected(values: readonly number[], u: readonly number[]): number[][] {
  const square = u.reduce((sum, x) => sum + x * x, 0);
  const mirror = u.map((x, i) => u.map((y, j) => (i === j ? 1 : 0) - (2 * x * y) / square));
  return mirror.map((left) =>
    mirror.map((right) =>
      values.reduce((sum, value, q) => sum + (left[q] as number) * value * (right[q] as number), 0),
    ),
  );
}

describe("a bound of the largest eigenvalue", () => {
  it.each([
    { values: [7, 3, 2, 1], bound: 7 },
    { values: [2, 0, 0], bound: 2 },
    { values: [1e-9, 1e-10], bound: 1e-9 },
    { values: [1e9, 1e8], bound: 1e9 },
    { values: [0, 0], bound: 0 },
    // Of r equal ones it is at its loosest: r^(1/64).
    { values: [5, 5, 5, 5], bound: 5 * 4 ** (1 / 64) },
  ])("of diag($values) is $bound", ({ values, bound }) => {
    expect(boundOf(diagonal(values)) / (bound || 1)).toBeCloseTo(bound === 0 ? 0 : 1, 5);
  });

  it("is never below it but for rounding, and at most r^(1/64) of it", () => {
    const eigenvalues = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 6, maxLength: 6 });
    const vector = fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(eigenvalues, vector, (values, u) => {
        const most = Math.max(...values);
        fc.pre(most > 1e-3);
        const ratio = boundOf(reflected(values, u)) / most;
        expect(ratio).toBeGreaterThan(1 - 2e-6);
        expect(ratio).toBeLessThan(6 ** (1 / 64) + 2e-6);
      }),
      { numRuns: 200 },
    );
  });

  it("is taken of each matrix of a cohort", () => {
    const both = tf.tensor3d([diagonal([4, 1]), diagonal([1, 9])]);
    const bounds = largestEigenvalueBound(both).dataSync();
    expect(bounds[0]).toBeCloseTo(4, 5);
    expect(bounds[1]).toBeCloseTo(9, 5);
  });
});

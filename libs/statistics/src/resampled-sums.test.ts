import { randomStream } from "@stride/random";
import { describe, expect, it } from "vitest";
import { quantities, resampledSums } from "./resampled-sums.js";

const stream = randomStream({ seed: 1, purpose: "bootstrap" });

/** A table whose first quantity is 1 in every cell, the second the cell's value, the third its square, the fourth its task's mark. */
function table(values: readonly number[], marks: readonly number[]): Float64Array {
  return Float64Array.from(values.flatMap((value, cell) => [1, value, value ** 2, marks[cell] as number]));
}

function column(sums: Float64Array, quantity: number): number[] {
  return Array.from(sums).filter((_, i) => i % quantities === quantity);
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

describe("resampledSums", () => {
  it("draws as many seeds as a task has, so that equal tasks give equally many cells", () => {
    const values = [1, 2, 3, 4, 5, 6];
    const [sums] = resampledSums({ seedsPerTask: [3, 3], tables: [table(values, values)], resamples: 50, stream });
    expect(new Set(column(sums as Float64Array, 0))).toEqual(new Set([6]));
  });

  it("keeps a task's seeds together: a task of one seed never lends it to another", () => {
    // Tasks of 1 and 4 seeds: two draws give 2, 5 or 8 cells, and the mark counts the cells of the second task.
    const marks = [0, 1, 1, 1, 1];
    const [sums] = resampledSums({ seedsPerTask: [1, 4], tables: [table(marks, marks)], resamples: 200, stream });
    const seen = column(sums as Float64Array, 0).map(
      (cells, i) => `${cells} with ${column(sums as Float64Array, 3)[i]}`,
    );
    expect(new Set(seen)).toEqual(new Set(["2 with 0", "5 with 4", "8 with 8"]));
  });

  it("has the bootstrap's variance over seeds: n times the population variance, 10 · 8.25 for 1 … 10", () => {
    const values = Array.from({ length: 10 }, (_, i) => i + 1);
    const [sums] = resampledSums({ seedsPerTask: [10], tables: [table(values, values)], resamples: 20_000, stream });
    expect(variance(column(sums as Float64Array, 1)) / 82.5).toBeCloseTo(1, 1);
  });

  it("has the two levels' variances added over tasks and seeds", () => {
    // Task sums 3 and 7 with variance 4, seeds within each of variance ¼: 2 · 4 + 2 · 2 · ¼ = 9.
    const values = [1, 2, 3, 4];
    const [sums] = resampledSums({ seedsPerTask: [2, 2], tables: [table(values, values)], resamples: 20_000, stream });
    expect(variance(column(sums as Float64Array, 1)) / 9).toBeCloseTo(1, 1);
  });

  it("shows all tables the same draws", () => {
    const values = [1, 2, 3, 4];
    const tables = [table(values, values), table(values, values)];
    const [first, second] = resampledSums({ seedsPerTask: [2, 2], tables, resamples: 20, stream });
    expect(first).toEqual(second);
  });
});

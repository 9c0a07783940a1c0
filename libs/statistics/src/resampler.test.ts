import { randomStream } from "@stride/random";
import { describe, expect, it } from "vitest";
import { createResampler, quantities } from "./resampler.js";

const stream = randomStream({ seed: 1, purpose: "bootstrap" });

/** A row a value: 1, the value, its square, its task's mark. */
function table(values: readonly number[], mark = 0): Float64Array {
  return Float64Array.from(values.flatMap((value) => [1, value, value ** 2, mark]));
}

function column(sums: Float64Array, quantity: number): number[] {
  return Array.from(sums).filter((_, i) => i % quantities === quantity);
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** Both stages on tasks of these values, the mark of a task its place. */
function ofStudy(tasks: readonly (readonly number[])[], resamples: number): Float64Array {
  const resampler = createResampler({ resamples, stream });
  return resampler.ofTasks(tasks.map((values, mark) => resampler.ofSeeds(table(values, mark))));
}

describe("ofSeeds", () => {
  it("draws as many seeds as there are", () => {
    const sums = createResampler({ resamples: 50, stream }).ofSeeds(table([1, 2, 3]));
    expect(new Set(column(sums, 0))).toEqual(new Set([3]));
  });

  it("has the bootstrap's variance: n times the population variance, 10 · 8.25 for 1 … 10", () => {
    const values = Array.from({ length: 10 }, (_, i) => i + 1);
    const sums = createResampler({ resamples: 20_000, stream }).ofSeeds(table(values));
    expect(variance(column(sums, 1)) / 82.5).toBeCloseTo(1, 1);
  });

  it("shows tables of one size the same draws, and another resampler of the same stream too", () => {
    const resampler = createResampler({ resamples: 20, stream });
    const first = resampler.ofSeeds(table([1, 2, 3, 4]));
    resampler.ofSeeds(table([1, 2]));
    expect(resampler.ofSeeds(table([1, 2, 3, 4]))).toEqual(first);
    expect(createResampler({ resamples: 20, stream }).ofSeeds(table([1, 2, 3, 4]))).toEqual(first);
  });
});

describe("ofTasks", () => {
  it("keeps a task's seeds together: a task of one seed never lends it to another", () => {
    // Tasks of 1 and 4 seeds: two draws give 2, 5 or 8 seeds, and the mark counts those of the second task.
    const sums = ofStudy([[0], [0, 0, 0, 0]], 200);
    const seen = column(sums, 0).map((seeds, i) => `${seeds} with ${column(sums, 3)[i]}`);
    expect(new Set(seen)).toEqual(new Set(["2 with 0", "5 with 4", "8 with 8"]));
  });

  it("has the two levels' variances added over tasks and seeds", () => {
    // Task sums 3 and 7 with variance 4, seeds within each of variance ¼: 2 · 4 + 2 · 2 · ¼ = 9.
    const sums = ofStudy(
      [
        [1, 2],
        [3, 4],
      ],
      20_000,
    );
    expect(variance(column(sums, 1)) / 9).toBeCloseTo(1, 1);
  });

  it("draws the seeds of two tasks apart, though they see the same draws", () => {
    // Two equal tasks: were their seeds drawn alike, a resample that drew both would have twice one's deviation, variance 4 · ½.
    const sums = ofStudy(
      [
        [1, 2],
        [1, 2],
      ],
      20_000,
    );
    expect(variance(column(sums, 1))).toBeCloseTo(1, 1);
  });
});

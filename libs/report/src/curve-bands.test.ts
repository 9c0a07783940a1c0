import { describe, expect, it } from "vitest";
import { curveBands, quartiles, type SeedCurve, thinned } from "./curve-bands.js";

function curve(seed: number, values: readonly (number | null)[]): SeedCurve {
  return { panel: "t", schedule: "s", seed, points: values.map((value, step) => ({ step, value })) };
}

describe("quartiles", () => {
  it.each([
    { values: [5], expected: [5, 5, 5] },
    { values: [4, 1, 3, 2], expected: [1.75, 2.5, 3.25] },
    { values: [1, 2, 3, 4, Number.POSITIVE_INFINITY], expected: [2, 3, 4] },
    { values: [1, Number.POSITIVE_INFINITY], expected: [Infinity, Infinity, Infinity] },
    { values: [], expected: [Number.NaN, Number.NaN, Number.NaN] },
  ])("of $values are $expected", ({ values, expected }) => {
    expect(quartiles(values)).toEqual(expected);
  });
});

describe("thinned", () => {
  it("keeps both ends and spreads the others evenly", () => {
    expect(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 3)).toEqual([0, 5, 10]);
    expect(thinned([0, 1], 3)).toEqual([0, 1]);
  });
});

describe("curveBands", () => {
  it("takes quartiles over seeds at every step", () => {
    expect(curveBands([curve(0, [1, 10]), curve(1, [3, 30])], { points: 10, missing: "infinite" })).toEqual([
      { panel: "t", schedule: "s", step: 0, lower: 1.5, median: 2, upper: 2.5 },
      { panel: "t", schedule: "s", step: 1, lower: 15, median: 20, upper: 25 },
    ]);
  });

  it("counts a loss that is missing as the worst: the upper quartile goes first, then the median", () => {
    const seeds = [curve(0, [1, 1, 1]), curve(1, [2, 2, null]), curve(2, [3, null, null])];
    const bands = curveBands(seeds, { points: 10, missing: "infinite" });
    expect(bands.map(({ median, upper }) => [median, upper])).toEqual([
      [2, 2.5],
      [2, null],
      [null, null],
    ]);
  });

  it("leaves a missing rate to the seeds that go on", () => {
    const bands = curveBands([curve(0, [1, 5]), curve(1, [3])], { points: 10, missing: "absent" });
    expect(bands.map(({ median }) => median)).toEqual([2, 5]);
  });

  it("thins every curve to the points that are asked for", () => {
    const bands = curveBands(
      [
        curve(
          0,
          Array.from({ length: 101 }, (_, step) => step),
        ),
      ],
      { points: 5, missing: "absent" },
    );
    expect(bands.map(({ step }) => step)).toEqual([0, 25, 50, 75, 100]);
  });
});

import { describe, expect, it } from "vitest";
import fixture from "../fixtures/hodges-lehmann.json" with { type: "json" };
import { hodgesLehmann } from "./hodges-lehmann.js";

describe("hodgesLehmann", () => {
  it.each(fixture.cases)("agrees with SciPy's test inverted on $name at $confidence", (reference) => {
    const estimate = hodgesLehmann(reference.differences, reference);
    expect(estimate.value).toBeCloseTo(reference.value, 12);
    for (const end of ["lower", "upper"] as const) {
      const expected = Number(reference[end]);
      if (Number.isFinite(expected)) expect(estimate[end]).toBeCloseTo(expected, 12);
      else expect(estimate[end]).toBe(expected);
    }
  });

  it("is the median of the averages 1, 1.5, 2, 3, 3.5 and 5 of 1, 2 and 5", () => {
    expect(hodgesLehmann([5, 1, 2], { confidence: 0.95 })).toEqual({
      value: 2.5,
      lower: Number.NEGATIVE_INFINITY,
      upper: Number.POSITIVE_INFINITY,
    });
  });

  it("moves from the exact to the normal interval without a jump", () => {
    const differences = Array.from({ length: 51 }, (_, i) => (i * 37) % 51);
    const exact = hodgesLehmann(differences.slice(0, 50), { confidence: 0.95 });
    const normal = hodgesLehmann(differences, { confidence: 0.95 });
    expect(Math.abs(normal.lower - exact.lower)).toBeLessThanOrEqual(1);
    expect(Math.abs(normal.upper - exact.upper)).toBeLessThanOrEqual(1);
  });

  it("keeps a diverged run an infinite effect, and two opposite ones no effect", () => {
    expect(hodgesLehmann([Number.NEGATIVE_INFINITY], { confidence: 0.9 }).value).toBe(Number.NEGATIVE_INFINITY);
    expect(hodgesLehmann([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], { confidence: 0.9 }).value).toBe(0);
    expect(hodgesLehmann([], { confidence: 0.9 }).value).toBeNaN();
  });
});

import { describe, expect, it } from "vitest";
import fixture from "../fixtures/distributions.json" with { type: "json" };
import { normalCdf, normalQuantile } from "./normal-distribution.js";
import { studentTCdf, studentTQuantile } from "./student-t.js";

const functions: Record<string, (first: number, second: number) => number> = {
  normalCdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
};

describe("distribution functions and quantiles", () => {
  it.each(fixture.cases)("$function of $arguments agrees with SciPy to 1e-11 relative", (reference) => {
    const [first, second] = reference.arguments;
    const value = functions[reference.function]?.(first as number, second as number) as number;
    expect(Math.abs(value - reference.value)).toBeLessThanOrEqual(1e-11 * Math.abs(reference.value));
  });

  it("has no quantile at 0, 1 or beyond", () => {
    for (const probability of [0, 1, -1, 2, Number.NaN]) expect(() => normalQuantile(probability)).toThrow(RangeError);
  });

  it("reaches 0 and 1 at the infinities", () => {
    expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });
});

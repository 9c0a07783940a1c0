import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meanInterval, rateInterval } from "./bootstrap-interval.js";
import { normalCdf } from "./normal-distribution.js";
import { percentile } from "./percentile.js";
import { twoSidedCriticalValues } from "./student-t.js";

const shared = { confidence: 0.95, criticalValue: twoSidedCriticalValues(0.95) };
const hundredths = () => Float64Array.from({ length: 101 }, (_, i) => (100 - i) / 100);

describe("percentile", () => {
  it.each([
    { share: 0, expected: 1 },
    { share: 0.5, expected: 2.5 },
    { share: 0.9, expected: 3.7 },
    { share: 1, expected: 4 },
  ])("of 1, 2, 3, 4 in any order at $share is $expected", ({ share, expected }) => {
    expect(percentile(Float64Array.of(3, 1, 4, 2), share)).toBeCloseTo(expected, 12);
  });

  it("is that of the sorted values, ties included", () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true, min: -1e6, max: 1e6 }));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (given, share) => {
          const sorted = Float64Array.from(given).sort();
          const position = share * (sorted.length - 1);
          const [low, high] = [Math.floor(position), Math.ceil(position)].map((rank) => sorted[rank] as number) as [
            number,
            number,
          ];
          const expected = low + (position - Math.floor(position)) * (high - low);
          expect(percentile(Float64Array.from(given), share)).toBe(expected);
        },
      ),
    );
  });
});

describe("meanInterval", () => {
  it("takes wider percentiles the fewer the units: Φ(−√(10/9) · 2.262) = 0.00855 with ten", () => {
    const { lower, upper } = meanInterval({ ...shared, value: 0.5, resampled: hundredths(), units: 10 });
    expect(lower).toBeCloseTo(normalCdf(-Math.sqrt(10 / 9) * 2.262157162740992), 10);
    expect(lower).toBeCloseTo(0.00855, 4);
    expect(upper).toBeCloseTo(1 - 0.00855, 4);
  });

  it("nears the plain percentiles with many", () => {
    const { lower, upper } = meanInterval({ ...shared, value: 0.5, resampled: hundredths(), units: 100_000 });
    expect(lower).toBeCloseTo(0.025, 4);
    expect(upper).toBeCloseTo(0.975, 4);
  });

  it("holds the value even when no resample reaches it", () => {
    const above = meanInterval({ ...shared, value: 2, resampled: hundredths(), units: 10 });
    expect(above.lower).toBeLessThan(1);
    expect(above.upper).toBe(2);
    expect(meanInterval({ ...shared, value: -1, resampled: hundredths(), units: 10 }).lower).toBe(-1);
  });

  it("is open with one unit", () => {
    const resampled = new Float64Array(5).fill(1);
    expect(meanInterval({ ...shared, value: 1, resampled, units: 1 })).toEqual({ value: 1, lower: null, upper: null });
  });
});

describe("rateInterval", () => {
  const agreeing = (value: number) => ({ ...shared, value, resampled: new Float64Array(5).fill(value), units: 10 });
  const unseen = 0.2775328; // z² / (10 + z²)

  it.each([
    { value: 1, lower: 1 - unseen, upper: 1 },
    { value: 0, lower: 0, upper: unseen },
    { value: 0.5, lower: 0.5 - unseen / 2, upper: 0.5 + unseen / 2 },
  ])("is [$lower, $upper] when ten units agree on $value", ({ value, lower, upper }) => {
    const interval = rateInterval(agreeing(value));
    expect(interval.lower).toBeCloseTo(lower, 6);
    expect(interval.upper).toBeCloseTo(upper, 6);
  });

  it("is the expanded percentile interval when they do not", () => {
    const options = { ...shared, value: 0.5, units: 10 };
    expect(rateInterval({ ...options, resampled: hundredths() })).toEqual(
      meanInterval({ ...options, resampled: hundredths() }),
    );
  });
});

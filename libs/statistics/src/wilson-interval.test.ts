import { describe, expect, it } from "vitest";
import fixture from "../fixtures/wilson.json" with { type: "json" };
import { wilsonInterval } from "./wilson-interval.js";

describe("wilsonInterval", () => {
  it.each(fixture.cases)("agrees with statsmodels for $successes of $trials at $confidence", (reference) => {
    const interval = wilsonInterval(reference);
    expect(interval.lower).toBeCloseTo(reference.lower, 12);
    expect(interval.upper).toBeCloseTo(reference.upper, 12);
  });

  it("is z²/(n + z²) wide when nothing succeeds", () => {
    const z = 1.959963984540054;
    const { lower, upper } = wilsonInterval({ successes: 0, trials: 10, confidence: 0.95 });
    expect(lower).toBe(0);
    expect(upper).toBeCloseTo(z ** 2 / (10 + z ** 2), 12);
  });
});

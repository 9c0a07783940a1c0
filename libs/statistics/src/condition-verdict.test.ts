import { describe, expect, it } from "vitest";
import { conditionVerdict } from "./condition-verdict.js";
import { twoSidedCriticalValues } from "./student-t.js";

const options = { margin: 0.01, criticalValue: twoSidedCriticalValues(0.95) };

describe("conditionVerdict", () => {
  // Five seeds: t₄ = 2.776, so a variance of 5 · 0.01² gives a half-width of 0.02776; log 1.01 = 0.00995.
  const variance = 5 * 0.01 ** 2;
  it.each([
    { logRatioMean: -0.0378, logRatioVariance: variance, verdict: "win" },
    { logRatioMean: -0.0376, logRatioVariance: variance, verdict: "undecided" },
    { logRatioMean: 0.0378, logRatioVariance: variance, verdict: "loss" },
    { logRatioMean: 0, logRatioVariance: variance, verdict: "undecided" },
    { logRatioMean: 0, logRatioVariance: variance / 9, verdict: "tie" },
    { logRatioMean: 0, logRatioVariance: 0, verdict: "tie" },
    { logRatioMean: -6.9, logRatioVariance: 0, verdict: "win" },
  ])("is $verdict at mean $logRatioMean and variance $logRatioVariance", ({ verdict, ...condition }) => {
    expect(conditionVerdict({ decided: 5, ...condition }, options)).toBe(verdict);
  });

  it("is undecided with fewer than two decided pairs", () => {
    expect(conditionVerdict({ decided: 1, logRatioMean: -5, logRatioVariance: null }, options)).toBe("undecided");
    expect(conditionVerdict({ decided: 0, logRatioMean: null, logRatioVariance: null }, options)).toBe("undecided");
  });
});

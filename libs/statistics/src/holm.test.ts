import { describe, expect, it } from "vitest";
import fixture from "../fixtures/holm.json" with { type: "json" };
import { holm } from "./holm.js";

describe("holm", () => {
  it.each(fixture.cases)("agrees with statsmodels for $pValues", ({ pValues, adjusted }) => {
    const ours = holm(pValues);
    expect(ours).toHaveLength(adjusted.length);
    for (const [i, value] of adjusted.entries()) expect(ours[i]).toBeCloseTo(value, 14);
  });

  it("multiplies the least of three by 3 and never falls below it after", () => {
    expect(holm([0.02, 0.01, 0.9])).toEqual([0.04, 0.03, 0.9]);
    expect(holm([])).toEqual([]);
  });
});

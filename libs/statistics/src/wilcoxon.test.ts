import fc from "fast-check";
import { describe, expect, it } from "vitest";
import fixture from "../fixtures/wilcoxon.json" with { type: "json" };
import { wilcoxonSignedRank } from "./wilcoxon.js";

describe("wilcoxonSignedRank", () => {
  it.each(fixture.cases)("agrees with SciPy on $name", ({ differences, statistic, count, pValue }) => {
    const test = wilcoxonSignedRank(differences);
    expect(test).toMatchObject({ statistic, count });
    expect(test.pValue).toBeCloseTo(pValue, 10);
  });

  it("ranks a diverged run's infinite difference highest", () => {
    expect(wilcoxonSignedRank([-1, -2, Number.POSITIVE_INFINITY]).statistic).toBe(3);
  });

  it("has nothing to say about zeros", () => {
    expect(wilcoxonSignedRank([0, 0, 0])).toEqual({ statistic: 0, count: 0, pValue: 1 });
  });

  it("gives the same p-value to the exchanged comparison", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 70 }), (differences) => {
        const exchanged = wilcoxonSignedRank(differences.map((difference) => -difference));
        expect(exchanged.pValue).toBeCloseTo(wilcoxonSignedRank(differences).pValue, 10);
      }),
    );
  });
});

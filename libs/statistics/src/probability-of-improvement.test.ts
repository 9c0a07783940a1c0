import fc from "fast-check";
import { describe, expect, it } from "vitest";
import fixture from "../fixtures/probability-of-improvement.json" with { type: "json" };
import { probabilityOfImprovement } from "./probability-of-improvement.js";

const losses = fc.array(fc.constantFrom(0, 1, 2, 3, Number.POSITIVE_INFINITY), { minLength: 1, maxLength: 6 });
const tasks = fc.array(fc.tuple(losses, losses), { minLength: 1, maxLength: 4 });

describe("probabilityOfImprovement", () => {
  it.each(fixture.cases)("agrees with SciPy's Mann-Whitney U: $value", ({ challenger, baseline, value }) => {
    const numbers = (rows: readonly (readonly (number | string)[])[]) => rows.map((row) => row.map(Number));
    const ours = probabilityOfImprovement({ challenger: numbers(challenger), baseline: numbers(baseline) });
    expect(ours).toBeCloseTo(value, 12);
  });

  it("is 1 when every run is lower, and one half for two diverged runs", () => {
    expect(probabilityOfImprovement({ challenger: [[1, 2]], baseline: [[3, Number.POSITIVE_INFINITY]] })).toBe(1);
    const diverged = [[Number.POSITIVE_INFINITY]];
    expect(probabilityOfImprovement({ challenger: diverged, baseline: diverged })).toBe(0.5);
  });

  it("adds up to 1 with the exchanged comparison", () => {
    fc.assert(
      fc.property(tasks, (pairs) => {
        const challenger = pairs.map(([left]) => left);
        const baseline = pairs.map(([, right]) => right);
        const forth = probabilityOfImprovement({ challenger, baseline });
        const back = probabilityOfImprovement({ challenger: baseline, baseline: challenger });
        expect(forth + back).toBeCloseTo(1, 12);
      }),
    );
  });

  it("refuses different tasks, and a task without runs", () => {
    expect(() => probabilityOfImprovement({ challenger: [], baseline: [] })).toThrow(RangeError);
    expect(() => probabilityOfImprovement({ challenger: [[1]], baseline: [[1], [2]] })).toThrow(RangeError);
    expect(() => probabilityOfImprovement({ challenger: [[1]], baseline: [[]] })).toThrow(RangeError);
  });
});

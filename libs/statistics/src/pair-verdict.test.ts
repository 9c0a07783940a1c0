import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cappedLogRatio, logRatioCap, pairVerdict } from "./pair-verdict.js";
import type { Verdict } from "./types.js";

const inf = Number.POSITIVE_INFINITY;

describe("pairVerdict", () => {
  it.each<[number | null, number | null, number, Verdict]>([
    [1, 1.02, 0.01, "win"],
    [1.02, 1, 0.01, "loss"],
    [1, 1.005, 0.01, "tie"],
    [1, 1.0625, 0.0625, "tie"],
    [1, 1.005, 0, "win"],
    [1, 1, 0, "tie"],
    [5, inf, 0.01, "win"],
    [inf, 5, 0.01, "loss"],
    [inf, inf, 0.01, "tie"],
    [0, 0, 0, "tie"],
    [0, 1e-300, 0.5, "win"],
    [0, inf, 0.5, "win"],
    [null, 1, 0.01, "undecided"],
    [1, null, 0.01, "undecided"],
    [null, null, 0, "undecided"],
    [inf, null, 0, "undecided"],
    [-2, -1, 0.01, "win"],
    [-1, -1.005, 0.01, "tie"],
    [-1, -1, 0, "tie"],
    [-1, 1, 0.01, "win"],
    [-1, inf, 0.01, "win"],
    [inf, -1, 0.01, "loss"],
  ])("of %s against %s at margin %s is a %s", (challenger, baseline, margin, verdict) => {
    expect(pairVerdict(challenger, baseline, margin)).toBe(verdict);
  });

  const value = fc.oneof(fc.double({ noNaN: true, min: -1e100 }), fc.constantFrom(0, 1, 1.01, -1, inf));
  const margin = fc.double({ noNaN: true, min: 0, max: 2 });

  it("turns around when challenger and baseline are exchanged", () => {
    const turned: Record<Verdict, Verdict> = { win: "loss", loss: "win", tie: "tie", undecided: "undecided" };
    fc.assert(
      fc.property(value, value, margin, (left, right, relative) => {
        expect(pairVerdict(right, left, relative)).toBe(turned[pairVerdict(left, right, relative)]);
      }),
    );
  });

  it("stays a tie when the margin grows", () => {
    fc.assert(
      fc.property(value, value, margin, margin, (left, right, first, second) => {
        const [narrow, wide] = [Math.min(first, second), Math.max(first, second)];
        fc.pre(pairVerdict(left, right, narrow) === "tie");
        expect(pairVerdict(left, right, wide)).toBe("tie");
      }),
    );
  });
});

describe("cappedLogRatio", () => {
  it.each([
    [2, 1, Math.LN2],
    [1, 2, -Math.LN2],
    [0, 0, 0],
    [inf, inf, 0],
    [1, inf, -logRatioCap],
    [inf, 1, logRatioCap],
    [0, 1, -logRatioCap],
    [1, 1e-9, logRatioCap],
    [-1, 1, -logRatioCap],
    [-1, -2, logRatioCap],
  ])("of %s against %s is %s", (challenger, baseline, expected) => {
    expect(cappedLogRatio(challenger, baseline)).toBeCloseTo(expected, 14);
    expect(cappedLogRatio(baseline, challenger)).toBe(0 - cappedLogRatio(challenger, baseline));
  });
});

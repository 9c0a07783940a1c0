import { describe, expect, it } from "vitest";
import { curvesOf, greedy, spec, table } from "../../test/policy-curves.js";
import { disagreement, explained, type PolicyCurve, replayed } from "./curve.js";
import { decisionsOf } from "./decisions.js";

describe("what a rule explains", () => {
  const rising: PolicyCurve = { losses: [1, 1, 1, 1], learningRates: [1, 1, 2, 2], baseRate: 1, steps: 4 };

  it("is 1 for the rule itself, 0 for a constant rate, less for one that goes the other way", () => {
    const doubled = spec({ kind: "step", every: 2, factor: 0.5 });
    expect(explained([rising], spec({ kind: "constant" }))).toBe(0);
    // Half of the steps: log 2 off at a constant rate, log 4 off where the rate is halved instead, so 1 − 4.
    expect(explained([rising], doubled)).toBeCloseTo(-3, 12);
    for (const schedule of [table, greedy]) expect(explained(curvesOf(schedule, 3), schedule)).toBe(1);
  });

  it("is nothing where the policy left the rate alone", () => {
    expect(explained(curvesOf(spec({ kind: "constant" }), 2), greedy)).toBeNull();
  });

  it("counts a rate of 0 as a millionth", () => {
    const zero = disagreement([rising], () => [1, 1, 0, 2]);
    expect(zero).toBeCloseTo(Math.log(1e6) ** 2 / 4, 12);
  });

  it("knows how long the training was to be, where it ended early", () => {
    const cosine = spec({ kind: "cosine" });
    const early = { losses: [1, 1, 1], learningRates: [1, 1, 1], baseRate: 1, steps: 4 };
    // ½ (1 + cos(π t / 4)).
    expect(replayed(cosine, early)[2]).toBeCloseTo(0.5, 12);
  });
});

describe("decisions", () => {
  it("are changes of the mean log loss with what they did to the rate, the first without a change", () => {
    const curve = {
      losses: [4, 4, 2, 2, 1, 4],
      learningRates: [1, 1, 2, 2, 0.5, 0.5],
      baseRate: 1,
      steps: 6,
    };
    expect(decisionsOf(curve, 2)).toEqual([
      { change: 0, step: 2, steps: 6, logFactor: Math.log(2) },
      { change: Math.log(2) - Math.log(4), step: 4, steps: 6, logFactor: Math.log(0.25) },
    ]);
  });
});

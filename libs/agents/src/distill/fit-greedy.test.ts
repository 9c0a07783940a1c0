import type { ScheduleSpec } from "@stride/schedules/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { curvesOf, greedy, table, trained } from "../../test/policy-curves.js";
import { disagreement, explained, replayed } from "./curve.js";
import { defaultGreedy, fitGreedy } from "./fit-greedy.js";

describe("GreedyLR", () => {
  it("that is the policy is found again, as far as its rates go", () => {
    const fitted = fitGreedy({ curves: curvesOf(greedy, 12), candidates: 300, seed: 1 });
    expect(explained(curvesOf(greedy, 24).slice(12), fitted)).toBeGreaterThan(0.9);
  });

  it("is never fitted worse than it comes, whatever the policy and the seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 5 }), (seed, candidates) => {
        const curves = [trained(table, { seed, baseRate: 0.1, steps: 60 })];
        const of = (schedule: ScheduleSpec) => disagreement(curves, (curve) => replayed(schedule, curve));
        expect(of(fitGreedy({ curves, candidates, seed }))).toBeLessThanOrEqual(of(defaultGreedy(curves)));
      }),
      { numRuns: 30 },
    );
  });
});

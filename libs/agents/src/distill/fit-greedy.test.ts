import type { ScheduleSpec } from "@stride/schedules/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { curvesOf, greedy, range, table, trained } from "../../test/policy-curves.js";
import { disagreement, explained, replayed } from "./curve.js";
import { defaultGreedy, fitGreedy } from "./fit-greedy.js";

describe("GreedyLR", () => {
  it("that is the policy is found again, as far as its rates go", () => {
    const fitted = fitGreedy({ range, curves: curvesOf(greedy, 12), candidates: 300, seed: 1, limits: "wide" });
    expect(explained(curvesOf(greedy, 24).slice(12), fitted)).toBeGreaterThan(0.9);
  });

  it("finds the limits of a policy that goes to a rate and stays there", () => {
    // From 0.01, 0.04, 0.16 and 0.64 towards 0.2 and no further.
    const homing = { ...greedy, patience: 0, minLearningRate: 0.2, maxLearningRate: 0.2 } as const;
    const [wide, fitted] = (["wide", "fitted"] as const).map((limits) =>
      fitGreedy({ range, curves: curvesOf(homing, 8), candidates: 200, seed: 1, limits }),
    ) as [ScheduleSpec, ScheduleSpec];
    const left = curvesOf(homing, 16).slice(8);
    expect(explained(left, fitted)).toBeGreaterThan(0.85);
    expect(explained(left, wide)).toBeLessThan(explained(left, fitted) as number);
    // 0.01 / 1000 and 0.64 · 1000.
    expect(wide).toMatchObject({ minLearningRate: 1e-5, maxLearningRate: 640 });
  });

  it("is never fitted worse than it comes, whatever the policy and the seed", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom("wide" as const, "fitted" as const),
        (seed, candidates, limits) => {
          const curves = [trained(table, { seed, baseRate: 0.1, steps: 60 })];
          const of = (schedule: ScheduleSpec) => disagreement(curves, (curve) => replayed(schedule, curve));
          expect(of(fitGreedy({ range, curves, candidates, seed, limits }))).toBeLessThanOrEqual(
            of(defaultGreedy(curves, range)),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});

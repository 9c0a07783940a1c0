import { describe, expect, it } from "vitest";
import { curvesOf, greedy, range, spec, table } from "../../test/policy-curves.js";
import { distil } from "./distil.js";

describe("distilling", () => {
  it("judges on the trainings that it was not fitted to: a table by a table, GreedyLR by GreedyLR", () => {
    const options = { every: 10, range, seed: 1, candidates: 60 };
    const ofTable = distil({ curves: curvesOf(table, 32), ...options });
    expect(ofTable.curves).toEqual({ fitted: 16, leftOut: 16 });
    expect(ofTable.table?.leftOut).toBeGreaterThan(0.95);
    expect(ofTable.table?.leftOut).toBeGreaterThan(ofTable.greedy.leftOut as number);
    const ofGreedy = distil({ curves: curvesOf(greedy, 12), ...options });
    expect(ofGreedy.greedy.leftOut).toBeGreaterThan(ofGreedy.defaultGreedy.leftOut as number);
    expect(ofGreedy.greedy.leftOut).toBeGreaterThan(ofGreedy.table?.leftOut as number);
  });

  it("is the same for the same seed, and another for another", () => {
    const of = (seed: number) => distil({ curves: curvesOf(greedy, 8), every: 10, range, seed, candidates: 10 });
    expect(of(3)).toEqual(of(3));
    expect(of(3)).not.toEqual(of(4));
  });

  it("has nothing to explain in a policy that leaves the rate alone", () => {
    const { greedy: fitted, table: of } = distil({
      curves: curvesOf(spec({ kind: "constant" }), 4),
      every: 10,
      range,
      seed: 1,
      candidates: 20,
    });
    expect(of).toMatchObject({ schedule: { table: [[1, 1]] }, leftOut: null });
    expect(fitted.leftOut).toBeNull();
  });

  it("asks for two trainings", () => {
    expect(() => distil({ curves: curvesOf(table, 1), every: 10, range, seed: 1, candidates: 1 })).toThrow(
      "at least 2 curves, got 1",
    );
  });
});

import type { ScheduleSpec } from "@stride/schedules/spec";
import { describe, expect, it } from "vitest";
import { curvesOf, range, spec, table } from "../../test/policy-curves.js";
import { explained } from "./curve.js";
import { edgesOf } from "./edges.js";
import { chosenSize, fitTable, type TableSize, tableOf } from "./fit-table.js";

describe("the edges of a trend", () => {
  it("are cut where it takes most off their variance, at places of few digits", () => {
    const decision = (change: number, logFactor: number, step = 1) => ({ change, logFactor, step, steps: 4 });
    const two = [decision(-0.5, 1), decision(-0.41, 1), decision(0.1, -1), decision(0.3, -1)];
    expect(edgesOf(two, { rows: 1, most: 3 })).toEqual([-0.15]);
    expect(edgesOf([decision(0.2, 1), decision(0.4, 1)], { rows: 1, most: 3 })).toEqual([0]);
    // The same on the whole, in other rows: cut in two rows alone.
    const crossed = [decision(-1, 1, 1), decision(-1, -1, 3), decision(1, -1, 1), decision(1, 1, 3)];
    expect(edgesOf(crossed, { rows: 1, most: 1 })).toEqual([0]);
    expect(edgesOf(crossed, { rows: 2, most: 3 })).toEqual([0]);
  });
});

describe("a decision table", () => {
  it("that is the policy is found again, in its size", () => {
    const curves = curvesOf(table, 24);
    const options = { curves, every: 10, range };
    expect(chosenSize(options)).toEqual({ rows: 2, columns: 3 });
    const fitted = fitTable(options) as ScheduleSpec & { kind: "decision-table" };
    expect(fitted.table.flat()).toEqual([2, 1.25, 0.5, 1, 0.8, 0.5].map((factor) => expect.closeTo(factor, 2)));
    expect(explained(curvesOf(table, 40).slice(24), fitted)).toBeGreaterThan(0.97);
  });

  it("has the geometric mean of what the policy did in each cell, and a neighbour's where it did nothing", () => {
    // Changes 0, 0 and −log 2; factors 2, 1, ½ in the one training and 2, 4, ⅛ in the other.
    const training = { losses: [4, 4, 4, 4, 2, 2, 1, 1], baseRate: 1, steps: 8 };
    const curves = [
      { ...training, learningRates: [1, 1, 2, 2, 2, 2, 1, 1] },
      { ...training, learningRates: [1, 1, 2, 2, 8, 8, 1, 1] },
    ];
    const of = (size: TableSize) => tableOf({ curves, every: 2, range }, size);
    expect(of({ rows: 1, columns: 2 })).toMatchObject({ trend: [-0.35], table: [[0.25, 2]] });
    // Nothing is decided in the first quarter; in the others there is one change each.
    const quarters = [
      [1, 1],
      [2, 2],
      [2, 2],
      [0.25, 0.25],
    ];
    expect(of({ rows: 4, columns: 2 })).toMatchObject({ table: quarters });
  });

  it("of a policy that leaves the rate alone leaves it alone, and is the smallest", () => {
    const curves = curvesOf(spec({ kind: "constant" }), 6);
    expect(fitTable({ curves, every: 10, range })).toMatchObject({ trend: [0], table: [[1, 1]] });
  });

  it("is none where nothing was decided", () => {
    expect(fitTable({ curves: curvesOf(table, 4), every: 200, range })).toBeUndefined();
  });
});

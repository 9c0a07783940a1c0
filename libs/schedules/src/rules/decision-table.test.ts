import { describe, expect, it } from "vitest";
import { specOf } from "../../test/reference.js";
import { warnings } from "../spec.js";
import { traceSchedule } from "../trace.js";

const table = { kind: "decision-table", every: 2, trend: [-0.5, 0], table: [[2, 1, 0.5]] };

/** Rates over so many steps as there are losses, from a base rate of 1. */
function rates(options: object, losses: readonly number[], steps = losses.length): number[] {
  return traceSchedule(specOf({ ...table, ...options }), { learningRate: 1, steps, losses }).slice(0, losses.length);
}

describe("decision-table", () => {
  it("takes the factor of the column in which the change of the mean log loss lies", () => {
    // Changes: 0 at first, log ½ = −0.69, log 0.9 = −0.11, log 2 = 0.69.
    const losses = [4, 4, 2, 2, 1.8, 1.8, 3.6, 3.6, 3.6, 3.6];
    expect(rates({}, losses)).toEqual([1, 1, 0.5, 0.5, 1, 1, 1, 1, 0.5, 0.5]);
  });

  it("means the geometric mean of the losses: 1 and 16 are as 4 and 4", () => {
    expect(rates({ trend: [-1e-9, 1e-9], table: [[2, 3, 5]] }, [4, 4, 1, 16, 4, 4])).toEqual([1, 1, 3, 3, 9, 9]);
  });

  it("takes the row of the part of the training that has begun", () => {
    const rows = {
      trend: [0],
      table: [
        [1, 3],
        [1, 0.5],
      ],
    };
    // Decisions after 2, 4, 6 of 8 steps: a quarter, a half, three quarters.
    expect(rates(rows, Array(8).fill(1))).toEqual([1, 1, 3, 3, 1.5, 1.5, 0.75, 0.75]);
  });

  it("does not decide after the last step, nor beyond it", () => {
    expect(rates({}, Array(8).fill(1), 4)).toEqual([1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
  });

  it("stays within its range of the base rate", () => {
    expect(Math.min(...rates({ lowest: 0.2 }, Array(40).fill(1)))).toBe(0.2);
    expect(Math.max(...rates({ highest: 3, table: [[2, 2, 2]] }, Array(40).fill(1)))).toBe(3);
  });

  it("counts its time from the end of a warm-up", () => {
    const spec = specOf({
      kind: "warmup",
      steps: 4,
      schedule: {
        ...table,
        trend: [0],
        table: [
          [1, 2],
          [1, 4],
        ],
      },
    });
    const traced = traceSchedule(spec, { learningRate: 1, steps: 12, losses: Array(12).fill(1) });
    // Decisions after 2, 4 and 6 of the 8 steps that are left.
    expect(traced).toEqual([0, 0.25, 0.5, 0.75, 1, 1, 2, 2, 8, 8, 32, 32, 32]);
  });

  it.each([
    { given: { trend: [0, 0] }, says: "the edges must increase" },
    { given: { table: [[1, 2]] }, says: "one factor more than there are edges" },
    { given: { table: [[1, 0, 1]] }, says: "expected number to be >0" },
    { given: { lowest: 2 }, says: "expected number to be <=1" },
  ])("refuses $given", ({ given, says }) => expect(() => specOf({ ...table, ...given })).toThrow(says));

  it("warns where the training is over before it decides", () => {
    const spec = specOf({ ...table, every: 10 });
    expect(warnings(spec, { learningRate: 1, steps: 10 })).toEqual([
      "it decides after every 10 steps, so never in the 10 of the trial",
    ]);
    expect(warnings(spec, { learningRate: 1, steps: 11 })).toEqual([]);
  });
});

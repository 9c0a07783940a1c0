import type { Task } from "@stride/tasks";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixtureTasks } from "../test/fixtures.js";
import { checkRows, checkSegment, sizeOf, splitTrials, stackTrials } from "./cohort-arrays.js";

const task: Task = {
  ...fixtureTasks.quadratic,
  parameters: [
    { name: "w", shape: [2, 1] },
    { name: "b", shape: [] },
  ],
};

describe("the arrays of a cohort", () => {
  it("are the trials' laid end to end, parameter by parameter", () => {
    const trials = [
      [Float32Array.of(1, 2), Float32Array.of(3)],
      [Float32Array.of(4, 5), Float32Array.of(6)],
    ];
    expect(stackTrials(task, trials, 2)).toEqual([Float32Array.of(1, 2, 4, 5), Float32Array.of(3, 6)]);
  });

  it("come apart as they were put together", () => {
    const trial = fc.tuple(
      fc.float32Array({ minLength: 2, maxLength: 2 }),
      fc.float32Array({ minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.array(trial, { minLength: 1, maxLength: 5 }), (trials) => {
        const stacked = stackTrials(task, trials, trials.length);
        expect(splitTrials(task, stacked, trials.length)).toEqual(trials);
      }),
    );
  });

  it.each([
    { shape: [], size: 1 },
    { shape: [2, 3], size: 6 },
    { shape: [2, 0], size: 0 },
  ])("of shape [$shape] have $size numbers", ({ shape, size }) => expect(sizeOf(shape)).toBe(size));
});

describe("a segment of 2 steps with 3 rows and 2 trials each", () => {
  const segment = {
    steps: 2,
    firstStep: 0,
    indices: Int32Array.of(0, 1, 2, 3, 4, 5),
    learningRates: new Float32Array(4),
  };
  const shape = { indicesPerStep: 3, cohortSize: 2, rows: 6 };

  it("fits 6 indices and 4 rates", () => expect(() => checkSegment(segment, shape)).not.toThrow());

  it.each([
    [{ steps: 0 }, "at least 1, got 0"],
    [{ steps: 1.5 }, "at least 1, got 1.5"],
    [{ steps: 3 }, "needs 9 rows for 3 steps, got 6"],
    [{ learningRates: new Float32Array(3) }, "needs 4 values for 2 steps, got 3"],
    [{ indices: Int32Array.of(0, 1, 2, 3, 4, 6) }, "rows 0 to 5, and no row 6"],
    [{ indices: Int32Array.of(0, -1, 2, 3, 4, 5) }, "rows 0 to 5, and no row -1"],
  ])("does not fit %j", (change, message) => {
    expect(() => checkSegment({ ...segment, ...change }, shape)).toThrow(message);
  });

  it("has no rows to name in a task without data", () => expect(() => checkRows(new Int32Array(), 0)).not.toThrow());
});

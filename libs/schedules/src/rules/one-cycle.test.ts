import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("one-cycle", () => {
  agreesWithReferences("one-cycle");

  it.each([
    { step: 0, expected: 0.1 },
    { step: 2, expected: 0.55 },
    { step: 4, expected: 1 },
    { step: 6.5, expected: 0.505 },
    { step: 9, expected: 0.01 },
    { step: 1000, expected: 0.01 },
  ])("of 10 steps, half of them rising, is $expected at step $step", ({ step, expected }) => {
    const spec = specOf({ kind: "one-cycle", riseFraction: 0.5, startDivisor: 10, finalDivisor: 10 });
    expect(createSchedule(spec, { learningRate: 1, steps: 10 })(step)).toBeCloseTo(expected, 14);
  });

  it("falls from the first step on where the rise is one step long", () => {
    const spec = specOf({ kind: "one-cycle", riseFraction: 0.1, shape: "linear" });
    expect(createSchedule(spec, { learningRate: 1, steps: 10 })(0)).toBe(1);
  });
});

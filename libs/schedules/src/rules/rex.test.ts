import { describe, expect, it } from "vitest";
import { specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("rex", () => {
  it.each([
    { step: 0, expected: 1 },
    { step: 25, expected: 6 / 7 },
    { step: 50, expected: 2 / 3 },
    { step: 75, expected: 0.4 },
    { step: 99, expected: 0.01 / 0.505 },
    { step: 100, expected: 0 },
    { step: 1000, expected: 0 },
  ])("of 100 steps is $expected at step $step", ({ step, expected }) => {
    const schedule = createSchedule(specOf({ kind: "rex" }), { learningRate: 1, steps: 100 });
    expect(schedule(step)).toBeCloseTo(expected, 14);
  });

  it("lies above the straight line and below the base rate in between", () => {
    const options = { learningRate: 0.4, steps: 40 };
    const [rex, line] = ["rex", "linear"].map((kind) => createSchedule(specOf({ kind }), options));
    for (let step = 1; step < 40; step++) {
      expect(rex?.(step)).toBeGreaterThan(line?.(step) as number);
      expect(rex?.(step)).toBeLessThan(0.4);
    }
  });
});

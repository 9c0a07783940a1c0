import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("cosine-restarts", () => {
  agreesWithReferences("cosine-restarts");

  it.each([
    { step: 0, expected: 0.9 },
    { step: 5, expected: 0.5 },
    { step: 10, expected: 0.9 },
    { step: 20, expected: 0.5 },
    { step: 30, expected: 0.9 },
    { step: 50, expected: 0.5 },
    { step: 70, expected: 0.9 },
  ])("with periods of 10, 20 and 40 steps is $expected at step $step", ({ step, expected }) => {
    const spec = specOf({ kind: "cosine-restarts", firstPeriod: 10, periodFactor: 2, minLearningRate: 0.1 });
    expect(createSchedule(spec, { learningRate: 0.9, steps: 15 })(step)).toBeCloseTo(expected, 14);
  });

  it("cuts the horizon into four unless told otherwise, and ends at the least rate", () => {
    const schedule = createSchedule(specOf({ kind: "cosine-restarts", minLearningRate: 0.1 }), {
      learningRate: 0.9,
      steps: 40,
    });
    expect([0, 10, 20, 30].map(schedule)).toEqual([0.9, 0.9, 0.9, 0.9]);
    expect(schedule(5)).toBeCloseTo(0.5, 14);
    expect([schedule(40), schedule(41)]).toEqual([0.1, 0.1]);
  });
});

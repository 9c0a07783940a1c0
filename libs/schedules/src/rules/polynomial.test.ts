import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("polynomial", () => {
  agreesWithReferences("polynomial");

  it.each([
    { step: 0, expected: 0.9 },
    { step: 50, expected: 0.1 + 0.8 / 4 },
    { step: 100, expected: 0.1 },
    { step: 1000, expected: 0.1 },
  ])("of power 2 down to 0.1 is $expected at step $step of 100", ({ step, expected }) => {
    const spec = specOf({ kind: "polynomial", power: 2, finalLearningRate: 0.1 });
    expect(createSchedule(spec, { learningRate: 0.9, steps: 100 })(step)).toBeCloseTo(expected, 14);
  });

  it("takes a horizon of its own before the trial's", () => {
    const schedule = createSchedule(specOf({ kind: "polynomial", steps: 10 }), { learningRate: 1, steps: 100 });
    expect([schedule(5), schedule(10), schedule(50)]).toEqual([0.5, 0, 0]);
  });
});

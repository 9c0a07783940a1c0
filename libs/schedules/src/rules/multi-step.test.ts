import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("multi-step", () => {
  agreesWithReferences("multi-step");

  it.each([
    { step: 0, expected: 0.8 },
    { step: 9, expected: 0.8 },
    { step: 10, expected: 0.4 },
    { step: 14, expected: 0.4 },
    { step: 15, expected: 0.2 },
    { step: 1000, expected: 0.2 },
  ])("halved at 10 and 15 is $expected at step $step", ({ step, expected }) => {
    const spec = specOf({ kind: "multi-step", milestones: [10, 15], factor: 0.5 });
    expect(createSchedule(spec, { learningRate: 0.8, steps: 20 })(step)).toBeCloseTo(expected, 14);
  });
});

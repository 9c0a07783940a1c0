import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("step", () => {
  agreesWithReferences("step");

  it.each([
    { step: 0, expected: 0.8 },
    { step: 29, expected: 0.8 },
    { step: 30, expected: 0.4 },
    { step: 89, expected: 0.2 },
    { step: 90, expected: 0.1 },
  ])("halved every 30 steps is $expected at step $step", ({ step, expected }) => {
    const schedule = createSchedule(specOf({ kind: "step", every: 30, factor: 0.5 }), { learningRate: 0.8, steps: 10 });
    expect(schedule(step)).toBeCloseTo(expected, 14);
  });
});

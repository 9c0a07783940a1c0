import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("exponential", () => {
  agreesWithReferences("exponential");

  it.each([
    { step: 0, expected: 0.8 },
    { step: 1, expected: 0.4 },
    { step: 3, expected: 0.1 },
    { step: 10_000, expected: 0 },
  ])("halved every step is $expected at step $step", ({ step, expected }) => {
    const schedule = createSchedule(specOf({ kind: "exponential", factor: 0.5 }), { learningRate: 0.8, steps: 10 });
    expect(schedule(step)).toBeCloseTo(expected, 14);
  });
});

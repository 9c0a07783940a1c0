import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";
import { scheduleSpecSchema } from "../spec.js";

describe("cyclic", () => {
  agreesWithReferences("cyclic");

  it.each([
    { step: 0, expected: 0.25 },
    { step: 2, expected: 0.625 },
    { step: 4, expected: 1 },
    { step: 5, expected: 0.625 },
    { step: 6, expected: 0.25 },
    { step: 10, expected: 1 },
  ])("rising in 4 steps and falling in 2 is $expected at step $step", ({ step, expected }) => {
    const spec = specOf({ kind: "cyclic", riseSteps: 4, fallSteps: 2 });
    expect(createSchedule(spec, { learningRate: 1, steps: 100 })(step)).toBeCloseTo(expected, 14);
  });

  it("has four cycles over the trial when it is not told how long a rise is", () => {
    const schedule = createSchedule(specOf({ kind: "cyclic" }), { learningRate: 1, steps: 80 });
    expect([0, 10, 20, 30, 70, 80].map(schedule)).toEqual([0.25, 1, 0.25, 1, 1, 0.25]);
  });

  it.each([
    { kind: "cyclic", mode: "exponential-range" },
    { kind: "cyclic", factor: 0.9 },
  ])("refuses %j: the factor belongs to exponential-range", (spec) => {
    expect(scheduleSpecSchema.safeParse(spec).success).toBe(false);
  });
});

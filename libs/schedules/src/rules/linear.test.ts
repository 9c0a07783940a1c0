import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("linear", () => {
  agreesWithReferences("linear");

  it.each([
    { step: 0, expected: 0.2 },
    { step: 50, expected: 0.5 },
    { step: 100, expected: 0.8 },
    { step: 1000, expected: 0.8 },
  ])("from a quarter to the whole is $expected at step $step of 100", ({ step, expected }) => {
    const spec = specOf({ kind: "linear", startFraction: 0.25, finalFraction: 1 });
    expect(createSchedule(spec, { learningRate: 0.8, steps: 100 })(step)).toBeCloseTo(expected, 14);
  });
});

import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";

describe("inverse-square-root", () => {
  agreesWithReferences("inverse-square-root");

  it.each([
    { step: 0, expected: 0.8 },
    { step: 300, expected: 0.4 },
    { step: 1500, expected: 0.2 },
  ])("of timescale 100 is $expected at step $step", ({ step, expected }) => {
    const spec = specOf({ kind: "inverse-square-root", timescale: 100 });
    expect(createSchedule(spec, { learningRate: 0.8, steps: 10 })(step)).toBeCloseTo(expected, 14);
  });

  it.each([
    { spec: { kind: "inverse-square-root" }, step: 30_000, why: "10,000 steps alone" },
    {
      spec: { kind: "warmup", steps: 50, schedule: { kind: "inverse-square-root" } },
      step: 200,
      why: "the warm-up before it",
    },
  ])("has the timescale of $why", ({ spec, step }) => {
    expect(createSchedule(specOf(spec), { learningRate: 0.8, steps: 10 })(step)).toBeCloseTo(0.4, 14);
  });
});

import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";
import { scheduleSpecSchema, warnings } from "../spec.js";

describe("warmup-stable-decay", () => {
  agreesWithReferences("warmup-stable-decay");

  it.each([
    { step: 0, expected: 0.2 },
    { step: 5, expected: 0.6 },
    { step: 10, expected: 1 },
    { step: 79, expected: 1 },
    { step: 90, expected: 0.6 },
    { step: 100, expected: 0.2 },
    { step: 1000, expected: 0.2 },
  ])("of 10, 70 and 20 steps is $expected at step $step", ({ step, expected }) => {
    const spec = specOf({ kind: "warmup-stable-decay", warmupSteps: 10, decaySteps: 20, minFraction: 0.2 });
    expect(createSchedule(spec, { learningRate: 1, steps: 100 })(step)).toBeCloseTo(expected, 14);
  });

  it.each([
    { step: 5, expected: 0.5 },
    { step: 10, expected: 0.5 },
    { step: 15, expected: 0.25 },
    { step: 20, expected: 0 },
  ])("of a rise and a fall that overlap is $expected at step $step: the rise goes first", ({ step, expected }) => {
    const spec = specOf({ kind: "warmup-stable-decay", warmupSteps: 10, decaySteps: 20, decayShape: "linear" });
    expect(createSchedule(spec, { learningRate: 1, steps: 20 })(step)).toBeCloseTo(expected, 14);
    expect(warnings(spec, { learningRate: 1, steps: 20 })).toHaveLength(1);
  });

  it("falls, rises and falls in one and a half waves", () => {
    const spec = specOf({ kind: "warmup-stable-decay", warmupSteps: 0, decaySteps: 90, decayCycles: 1.5 });
    const schedule = createSchedule(spec, { learningRate: 1, steps: 100 });
    for (const [step, expected] of [10, 40, 70, 100].map((each, i) => [each, 1 - (i % 2)] as const)) {
      expect(schedule(step)).toBeCloseTo(expected, 14);
    }
  });

  it("refuses waves of a fall that is no cosine", () => {
    const spec = { kind: "warmup-stable-decay", decayShape: "linear", decayCycles: 1 };
    expect(scheduleSpecSchema.safeParse(spec).error?.message).toContain("decayCycles needs the decayShape cosine");
  });

  it("spends a tenth of the horizon on each ramp unless told otherwise", () => {
    const schedule = createSchedule(specOf({ kind: "warmup-stable-decay" }), { learningRate: 1, steps: 109 });
    const tops = Array.from({ length: 110 }, (_, step) => schedule(step)).flatMap((rate, step) =>
      rate === 1 ? [step] : [],
    );
    // The first step of the fall still has the whole rate.
    expect([tops[0], tops.at(-1), tops.length]).toEqual([10, 99, 90]);
  });
});

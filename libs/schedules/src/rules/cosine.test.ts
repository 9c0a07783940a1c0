import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";
import { scheduleSpecSchema } from "../spec.js";

describe("cosine", () => {
  agreesWithReferences("cosine");

  it.each([
    { step: 0, expected: 0.9 },
    { step: 25, expected: 0.5 + 0.4 * Math.SQRT1_2 },
    { step: 50, expected: 0.5 },
    { step: 75, expected: 0.5 - 0.4 * Math.SQRT1_2 },
    { step: 100, expected: 0.1 },
    { step: 1000, expected: 0.1 },
  ])("down to 0.1 is $expected at step $step of 100", ({ step, expected }) => {
    const spec = specOf({ kind: "cosine", minLearningRate: 0.1 });
    expect(createSchedule(spec, { learningRate: 0.9, steps: 100 })(step)).toBeCloseTo(expected, 14);
  });

  it("falls to a share of the base rate with minFraction, which excludes a rate", () => {
    const schedule = createSchedule(specOf({ kind: "cosine", minFraction: 0.25 }), { learningRate: 0.8, steps: 100 });
    expect([schedule(50), schedule(100)]).toEqual([0.5, 0.2]);
    const both = scheduleSpecSchema.safeParse({ kind: "cosine", minFraction: 0.25, minLearningRate: 0.1 });
    expect(both.error?.message).toContain("minFraction must not be given with a minLearningRate");
  });

  it("of one whole wave is back at its end", () => {
    const schedule = createSchedule(specOf({ kind: "cosine", cycles: 1 }), { learningRate: 1, steps: 100 });
    expect(schedule(50)).toBeCloseTo(0, 14);
    expect(schedule(100)).toBeCloseTo(1, 14);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";
import { describeSchedule, scheduleSpecSchema } from "../spec.js";

const line = { kind: "linear" };
const halving = { kind: "step", every: 25, factor: 0.5 };
const options = { learningRate: 0.8, steps: 100 };

describe("product", () => {
  agreesWithReferences("product");

  it.each([
    { step: 0, expected: 0.8 },
    { step: 10, expected: 0.8 * 0.9 },
    { step: 50, expected: 0.8 * 0.5 * 0.25 },
    { step: 99, expected: 0.8 * 0.01 * 0.125 },
    { step: 1000, expected: 0 },
  ])("of a line over 100 steps and a halving every 25 is $expected at step $step", ({ step, expected }) => {
    const schedule = createSchedule(specOf({ kind: "product", schedules: [line, halving] }), options);
    expect(schedule(step)).toBeCloseTo(expected, 14);
  });

  it("is told in a line", () => {
    const spec = specOf({ kind: "product", schedules: [line, halving] });
    expect(describeSchedule(spec)).toBe("product (linear × step (every 25, factor 0.5))");
  });

  it("takes an absolute rate as its share of the base rate", () => {
    const floored = { kind: "cosine", minLearningRate: 0.2, steps: 10 };
    const schedule = createSchedule(specOf({ kind: "product", schedules: [floored, floored] }), options);
    // A quarter, twice.
    expect(schedule(10)).toBeCloseTo(0.8 / 16, 14);
  });

  it("does not depend on the order, and a constant changes nothing", () => {
    const parts = [line, halving, { kind: "exponential", factor: 0.98 }, { kind: "warmup", steps: 9, schedule: line }];
    const rateOf = (schedules: readonly unknown[], step: number) =>
      createSchedule(specOf({ kind: "product", schedules }), options)(step);
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 2 }), fc.nat(150), (chosen, step) => {
        const rate = rateOf(chosen, step);
        expect(rateOf([...chosen].reverse(), step)).toBeCloseTo(rate, 14);
        expect(rateOf([...chosen, { kind: "constant" }], step)).toBe(rate);
      }),
    );
  });

  it.each([
    { schedules: [line] },
    { schedules: [line, { kind: "greedy" }] },
    { schedules: [line, { kind: "warmup", steps: 5, schedule: { kind: "reduce-on-plateau" } }] },
    { schedules: [line, { kind: "product", schedules: [line, halving] }] },
  ])("refuses %j", ({ schedules }) => {
    expect(scheduleSpecSchema.safeParse({ kind: "product", schedules }).success).toBe(false);
  });
});

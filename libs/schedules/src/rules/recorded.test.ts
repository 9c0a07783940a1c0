import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";
import { InvalidArgument } from "../invalid-argument.js";
import { describeSchedule, scheduleSpecSchema, warnings } from "../spec.js";
import { traceSchedule } from "../trace.js";
import { recordedSpec } from "./recorded.js";

const rates = [
  [0, 0.5],
  [10, 1],
  [11, 0.25],
];

describe("recorded", () => {
  it.each([
    { step: 0, expected: 0.5 },
    { step: 9, expected: 0.5 },
    { step: 10, expected: 1 },
    { step: 11, expected: 0.25 },
    { step: 1000, expected: 0.25 },
  ])("holds the rate of the last entry that has begun: $expected at step $step", ({ step, expected }) => {
    const options = { learningRate: 0.2, steps: 20 };
    expect(createSchedule(specOf({ kind: "recorded", rates }), options)(step)).toBe(0.2 * expected);
    expect(createSchedule(specOf({ kind: "recorded", rates, absolute: true }), options)(step)).toBe(expected);
  });

  it("replays what a closed-loop rule did, to the bit", () => {
    const spec = specOf({ kind: "greedy", patience: 1, factor: 0.7 });
    const changes = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(changes, (losses) => {
        const trace = traceSchedule(spec, { learningRate: 0.3, steps: losses.length, losses });
        const replay = specOf(recordedSpec(trace));
        expect(traceSchedule(replay, { learningRate: 7, steps: trace.length })).toEqual(trace);
      }),
    );
  });

  it("writes equal rates in a row once", () => {
    expect(recordedSpec([0.1, 0.1, 0.2, 0.2, 0.2, 0.1])).toEqual({
      kind: "recorded",
      rates: [
        [0, 0.1],
        [2, 0.2],
        [5, 0.1],
      ],
      absolute: true,
    });
  });

  it.each([
    { trace: [], says: "1 to 100000 entries, equal ones in a row joined, got 0" },
    { trace: [0.1, Number.NaN], says: "the rate of step 1 must be from 0 to 1e6, got NaN" },
    { trace: [0.1, 0.1, -1], says: "the rate of step 2 must be from 0 to 1e6, got -1" },
    {
      trace: Array.from({ length: 100_001 }, (_, i) => i % 2),
      says: "1 to 100000 entries, equal ones in a row joined, got 100001",
    },
  ])("refuses to record what says $says", ({ trace, says }) => {
    expect(() => recordedSpec(trace)).toThrow(InvalidArgument);
    expect(() => recordedSpec(trace)).toThrow(says);
  });

  it.each([
    { rates: [], says: "" },
    { rates: [[1, 0.5]], says: "rates must begin at step 0" },
    { rates: [...rates, [11, 1]], says: "rates must increase in their steps" },
    { rates: [[0, -1]], says: "" },
    { rates: [[0, 1, 2]], says: "" },
  ])("refuses $rates", ({ rates: given, says }) => {
    expect(scheduleSpecSchema.safeParse({ kind: "recorded", rates: given }).error?.message).toContain(says);
  });

  it("says how many rates it has, and that absolute ones ignore the base rate", () => {
    const spec = specOf({ kind: "recorded", rates, absolute: true });
    expect(describeSchedule(spec)).toBe("recorded (3 rates, absolute)");
    expect(warnings(spec, { learningRate: 0.1 })).toEqual([
      "its rates are absolute: the base learning rate 0.1 changes nothing",
    ]);
    expect(warnings(specOf({ kind: "recorded", rates }), { learningRate: 0.1 })).toEqual([]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule } from "../create.js";
import { decisions, describeSchedule, scheduleSpecSchema, warnings } from "../spec.js";
import { traceSchedule } from "../trace.js";

const line = { kind: "linear" };
const flat = { kind: "constant" };
const greedy = { kind: "greedy", factor: 0.5, patience: 0, minLearningRate: 0.01 };
const rise = { kind: "linear", startFraction: 0.2, finalFraction: 1 };

describe("sequence", () => {
  agreesWithReferences("sequence");

  it.each([
    { step: 0, expected: 0.2 },
    { step: 10, expected: 0.6 },
    { step: 20, expected: 1 },
    { step: 59, expected: 1 },
    { step: 60, expected: 1 },
    { step: 80, expected: 0.5 },
    { step: 100, expected: 0 },
    { step: 1000, expected: 0 },
  ])("of a rise, a plateau and a fall is $expected at step $step", ({ step, expected }) => {
    const spec = specOf({ kind: "sequence", milestones: [20, 60], schedules: [rise, flat, line] });
    expect(createSchedule(spec, { learningRate: 1, steps: 100 })(step)).toBeCloseTo(expected, 14);
  });

  it("is each schedule in its stretch, as if the trial were that stretch", () => {
    const kinds = ["linear", "cosine", "rex", "one-cycle", "warmup-stable-decay", "cosine-restarts"];
    const twoStretches = fc.tuple(
      fc.constantFrom(...kinds),
      fc.constantFrom(...kinds),
      fc.integer({ min: 1, max: 49 }),
    );
    fc.assert(
      fc.property(twoStretches, fc.nat(120), ([before, after, milestone], step) => {
        const schedules = [{ kind: before }, { kind: after }];
        const spec = specOf({ kind: "sequence", milestones: [milestone], schedules });
        const alone = (kind: string, steps: number) => createSchedule(specOf({ kind }), { learningRate: 0.3, steps });
        const expected =
          step < milestone ? alone(before, milestone)(step) : alone(after, 50 - milestone)(step - milestone);
        expect(createSchedule(spec, { learningRate: 0.3, steps: 50 })(step)).toBe(expected);
      }),
    );
  });

  it("shows a closed-loop rule at its end only losses at its own rates", () => {
    const spec = specOf({ kind: "sequence", milestones: [2, 4], schedules: [rise, flat, greedy] });
    // Losses 0 to 3 come from the steps before it: 5 improves on nothing, 6 is worse.
    const rates = traceSchedule(spec, { learningRate: 0.4, steps: 10, losses: [4, 3, 2, 1, 5, 4, 6] });
    const expected = [0.08, 0.24, 0.4, 0.4, 0.4, 0.8, 1, 0.5];
    for (const [step, rate] of expected.entries()) expect(rates[step]).toBeCloseTo(rate, 14);
  });

  it.each([
    { last: line, expected: { kind: "open-loop" } },
    {
      last: { ...greedy, every: 5, signal: "evaluation" },
      expected: { kind: "closed-loop", signal: "evaluation", every: 5, warmupSteps: 7 },
    },
  ])("decides as its last schedule, $last.kind, does", ({ last, expected }) => {
    expect(decisions(specOf({ kind: "sequence", milestones: [3, 7], schedules: [rise, flat, last] }))).toEqual(
      expected,
    );
  });

  it.each([
    { milestones: [3], schedules: [line], says: "" },
    { milestones: [3, 5], schedules: [line, line], says: "schedules must be one more than milestones" },
    { milestones: [5, 3], schedules: [line, line, line], says: "milestones must increase" },
    { milestones: [3], schedules: [greedy, line], says: "schedules must depend on the step alone, except the last" },
    {
      milestones: [3],
      schedules: [line, { kind: "warmup", steps: 2, schedule: greedy }],
      says: "schedules must not end in a warm-up before a rule that watches the training",
    },
  ])("refuses $schedules at $milestones", ({ milestones, schedules, says }) => {
    const parsed = scheduleSpecSchema.safeParse({ kind: "sequence", milestones, schedules });
    expect(parsed.error?.message).toContain(says);
  });

  it("is told in a line", () => {
    const spec = specOf({ kind: "sequence", milestones: [20, 60], schedules: [rise, flat, { kind: "cosine" }] });
    expect(describeSchedule(spec)).toBe(
      "sequence (linear (startFraction 0.2, finalFraction 1) until step 20, then constant until step 60, then cosine)",
    );
  });

  it("warns of a milestone that the trial never reaches, and of what its parts warn of", () => {
    const low = { kind: "cosine", minLearningRate: 0.5 };
    const spec = specOf({ kind: "sequence", milestones: [10, 60], schedules: [line, low, flat] });
    expect(warnings(spec, { learningRate: 0.1, steps: 60 })).toEqual([
      "milestone 60 lies beyond the 60 steps of the trial: what follows it is never reached",
      "the base learning rate 0.1 is below minLearningRate 0.5: the rate rises to it",
    ]);
    expect(warnings(spec, { learningRate: 1, steps: 61 })).toEqual([]);
  });
});

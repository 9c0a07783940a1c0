import { describe, expect, it } from "vitest";
import { agreesWithReferences, specOf } from "../../test/reference.js";
import { createSchedule, createScheduler } from "../create.js";
import { decisions, describeSchedule } from "../spec.js";
import { traceSchedule } from "../trace.js";

const greedy = { kind: "greedy", factor: 0.5, patience: 0, minLearningRate: 0.01 };

describe("warmup", () => {
  agreesWithReferences("warmup");

  it.each([
    { step: 0, expected: 0.08 },
    { step: 5, expected: 0.44 },
    { step: 10, expected: 0.8 },
    { step: 55, expected: 0.4 },
    { step: 100, expected: 0 },
  ])("of 10 steps before a line over the rest is $expected at step $step of 100", ({ step, expected }) => {
    const spec = specOf({ kind: "warmup", steps: 10, startFraction: 0.1, schedule: { kind: "linear" } });
    expect(createSchedule(spec, { learningRate: 0.8, steps: 100 })(step)).toBeCloseTo(expected, 14);
  });

  it("holds a share of the whole rate and then has it at once, when constant", () => {
    const spec = specOf({
      kind: "warmup",
      steps: 3,
      shape: "constant",
      startFraction: 0.25,
      schedule: { kind: "constant" },
    });
    const schedule = createSchedule(spec, { learningRate: 0.8, steps: 100 });
    expect([0, 1, 2, 3, 4].map(schedule)).toEqual([0.2, 0.2, 0.2, 0.8, 0.8]);
    expect(describeSchedule(spec)).toBe("warmup (3 steps at 0.25 of it), then constant");
  });

  it("rises to where the following rule begins", () => {
    const spec = specOf({ kind: "warmup", steps: 4, schedule: { kind: "one-cycle", startDivisor: 10 } });
    const schedule = createSchedule(spec, { learningRate: 1, steps: 20 });
    expect(schedule(2)).toBeCloseTo(0.05, 14);
    expect(schedule(4)).toBeCloseTo(0.1, 14);
  });

  it("counts a horizon in the following spec from the end of the warm-up", () => {
    const spec = specOf({ kind: "warmup", steps: 10, schedule: { kind: "linear", steps: 20 } });
    const schedule = createSchedule(spec, { learningRate: 1, steps: 1000 });
    expect([schedule(20), schedule(30)]).toEqual([0.5, 0]);
  });

  it("shows a closed-loop rule only losses at its own rates", () => {
    const spec = specOf({ kind: "warmup", steps: 4, schedule: greedy });
    // Losses 0 to 3 come from the ramp: the best of them is not remembered, so 5 improves on nothing.
    const rates = traceSchedule(spec, { learningRate: 0.4, steps: 10, losses: [4, 3, 2, 1, 5, 4, 6] });
    const expected = [0, 0.1, 0.2, 0.3, 0.4, 0.8, 1, 0.5];
    for (const [step, rate] of expected.entries()) expect(rates[step]).toBeCloseTo(rate, 14);
    expect(rates).toHaveLength(expected.length);
  });

  it("keeps the following rule's steps to look at where they are without a warm-up", () => {
    const spec = specOf({ kind: "warmup", steps: 2, schedule: { ...greedy, every: 4 } });
    const rates = traceSchedule(spec, { learningRate: 0.1, steps: 10, losses: [9, 9, 9, 5, 9, 9, 9, 4, 9] });
    expect(rates.slice(2)).toEqual([0.1, 0.1, 0.2, 0.2, 0.2, 0.2, 0.4, 0.4]);
  });

  it("does not rise again when the following rule starts over", () => {
    const spec = specOf({ kind: "warmup", steps: 2, schedule: { ...greedy, minLearningRate: 0.1, resetStart: 2 } });
    const rates = traceSchedule(spec, { learningRate: 0.2, steps: 10, losses: [1, 1, 1, 1, 1, 1, 1] });
    // Up at the first loss seen, down three times, and at the second wanted decrease at the bottom back to the start.
    expect(rates.slice(2)).toEqual([0.2, 0.4, 0.2, 0.1, 0.2, 0.4]);
  });

  it.each([
    { schedule: { kind: "cosine" }, expected: { kind: "open-loop" } },
    {
      schedule: { ...greedy, every: 5, signal: "evaluation" },
      expected: { kind: "closed-loop", signal: "evaluation", every: 5, warmupSteps: 7 },
    },
  ])("decides as $schedule.kind does", ({ schedule, expected }) => {
    expect(decisions(specOf({ kind: "warmup", steps: 7, schedule }))).toEqual(expected);
  });

  it("is a schedule before a schedule, and a scheduler before a scheduler", () => {
    const options = { learningRate: 0.1, steps: 10 };
    expect(() => createSchedule(specOf({ kind: "warmup", steps: 7, schedule: greedy }), options)).toThrow(
      "warmup watches the training",
    );
    const scheduler = createScheduler(specOf({ kind: "warmup", steps: 7, schedule: { kind: "cosine" } }), options);
    expect(scheduler.init()).toEqual({ step: 0 });
  });
});

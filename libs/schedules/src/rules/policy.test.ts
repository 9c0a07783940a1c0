import { describe, expect, it } from "vitest";
import { specOf } from "../../test/reference.js";
import { createScheduler } from "../create.js";
import { initialPolicy } from "../policy/initial.js";
import { decisions, describeSchedule, warnings } from "../spec.js";

const sees = { gradients: false, bound: false };
const sha256 = "1a2b3c4d".repeat(8);
const spec = specOf({ kind: "policy", policy: "tuner@12", sha256, every: 5, sees });
const document = initialPolicy({
  every: 5,
  sees,
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 0.01, highest: 100 },
  hidden: [],
  critic: false,
  seed: 1,
});
const options = { learningRate: 1, steps: 20 };

/** The rates of 20 steps of no change. */
function rates(modules: ReadonlyMap<string, unknown>, seed?: number): number[] {
  const scheduler = createScheduler(spec, { ...options, modules, ...(seed === undefined ? {} : { seed }) });
  let state = scheduler.init();
  return Array.from({ length: 20 }, (_, step) => {
    const rate = scheduler.learningRate(state);
    state = scheduler.update(state, { step, trainingLoss: 1 });
    return rate;
  });
}

describe("policy", () => {
  it("acts as its document says", () => {
    const last = document.actor[0] as (typeof document.actor)[0];
    const halving = {
      ...document,
      actor: [{ weights: last.weights.map((row) => row.map(() => 0)), biases: [1, 0, 0] }],
    };
    const found = rates(new Map([[sha256, halving]]));
    expect(found).toEqual([1, 0.5, 0.25, 0.125].flatMap((rate) => Array(5).fill(rate)));
  });

  it("draws from the trial's seed where it samples", () => {
    const sampling = new Map([[sha256, { ...document, selection: "sample" }]]);
    const found = [1, 2, 3, 4, 5].map((seed) => rates(sampling, seed));
    expect(rates(sampling, 3)).toEqual(found[2]);
    expect(new Set(found.map((each) => each.join())).size).toBeGreaterThan(1);
  });

  it("is refused without its document, or with another thing", () => {
    expect(() => rates(new Map())).toThrow(`the policy tuner@12 (${sha256}) was not given`);
    expect(() => rates(new Map([[sha256, { ...document, every: 0 }]]))).toThrow(
      `tuner@12 (${sha256}) is no policy document: Too small: expected number to be >=1`,
    );
  });

  it("decides after every k steps, and says so where the training is shorter", () => {
    expect(decisions(spec)).toEqual({ kind: "closed-loop", signal: "train", every: 5, warmupSteps: 0 });
    expect(warnings(spec, { learningRate: 1, steps: 5 })).toHaveLength(1);
    expect(warnings(spec, options)).toEqual([]);
  });

  it("is told apart by its name and its hash", () => {
    expect(describeSchedule(spec)).toBe("policy tuner@12 (1a2b3c4d)");
  });
});

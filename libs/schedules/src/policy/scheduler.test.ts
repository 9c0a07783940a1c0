import { describe, expect, it } from "vitest";
import type { PolicyDocument } from "./document.js";
import { initialPolicy } from "./initial.js";
import { factorOf, policyScheduler, sampled } from "./scheduler.js";

const options = {
  every: 5,
  sees: { gradients: false, bound: false },
  range: { lowest: 0.01, highest: 100 },
  hidden: [8],
  critic: true,
  seed: 1,
} as const;
const discrete = { kind: "discrete", factors: [0.5, 1, 2] } as const;

/** A policy that always takes one action: weights of 0 and a bias. */
function always(action: number): PolicyDocument {
  const policy = initialPolicy({ ...options, actions: discrete });
  const [first, last] = policy.actor as [PolicyDocument["actor"][0], PolicyDocument["actor"][0]];
  const biases = last.biases.map((_, i) => (i === action ? 1 : 0));
  return { ...policy, actor: [first, { weights: last.weights.map((row) => row.map(() => 0)), biases }] };
}

function ratesOf(policy: PolicyDocument, given: Partial<Parameters<typeof policyScheduler>[1]> = {}, steps = 20) {
  const scheduler = policyScheduler(policy, { learningRate: 1, steps, ...given });
  let state = scheduler.init();
  return Array.from({ length: steps }, (_, step) => {
    const rate = scheduler.learningRate(state);
    state = JSON.parse(JSON.stringify(scheduler.update(state, { step, trainingLoss: 1 / (1 + step) })));
    return rate;
  });
}

describe("a policy as a scheduler", () => {
  it("multiplies the rate after every k steps, and never after the last", () => {
    expect(ratesOf(always(2))).toEqual([1, 2, 4, 8].flatMap((rate) => Array(5).fill(rate)));
    const decided: number[] = [];
    ratesOf(always(1), {
      choose: ({ decision }) => {
        decided.push(decision);
        return 1;
      },
    });
    expect(decided).toEqual([0, 1, 2]);
  });

  it("stays within the base rate times its range", () => {
    expect(Math.max(...ratesOf(always(2), {}, 100))).toBe(100);
    expect(Math.min(...ratesOf(always(0), {}, 100))).toBe(0.01);
  });

  it("samples the same actions for the same seed, and others for another", () => {
    const sampling = { ...initialPolicy({ ...options, actions: discrete }), selection: "sample" } as const;
    expect(ratesOf(sampling, { seed: 3 }, 200)).toEqual(ratesOf(sampling, { seed: 3 }, 200));
    expect(ratesOf(sampling, { seed: 3 }, 200)).not.toEqual(ratesOf(sampling, { seed: 4 }, 200));
  });

  it("gives whoever chooses the features and what the actor says of them", () => {
    const policy = initialPolicy({ ...options, actions: discrete });
    ratesOf(policy, {
      choose: ({ features, output }) => {
        expect(features).toHaveLength(policy.normalisation.mean.length);
        expect(output).toHaveLength(3);
        return 0;
      },
    });
    expect.assertions(6);
  });

  it("turns continuous actions into factors up to the most and down to its inverse", () => {
    const continuous = { kind: "continuous", most: 4 } as const;
    expect([-50, 0, 50].map((action) => factorOf(continuous, action))).toEqual(
      [0.25, 1, 4].map((x) => expect.closeTo(x, 12)),
    );
    expect(factorOf(continuous, 0.5)).toBeCloseTo(4 ** Math.tanh(0.5), 12);
    expect(() => factorOf(discrete, 3)).toThrow("an action must be from 0 to 2, got 3");
  });

  it("draws actions as often as they are probable", () => {
    const logged = [0.1, 0.2, 0.7].map(Math.log);
    const counts = [0, 0, 0];
    for (let i = 0; i < 1000; i++)
      counts[sampled(logged, (i + 0.5) / 1000)] = (counts[sampled(logged, (i + 0.5) / 1000)] ?? 0) + 1;
    expect(counts).toEqual([100, 200, 700]);
  });
});

describe("the first policy", () => {
  it("is next to uniform, and the same for the same seed", () => {
    const policy = initialPolicy({ ...options, actions: discrete });
    expect(initialPolicy({ ...options, actions: discrete })).toEqual(policy);
    expect(initialPolicy({ ...options, seed: 2, actions: discrete })).not.toEqual(policy);
    const weights = policy.actor.at(-1)?.weights.flat() ?? [];
    expect(Math.max(...weights.map(Math.abs))).toBeLessThan(0.02);
    expect(weights.every((weight) => Math.fround(weight) === weight)).toBe(true);
  });
});

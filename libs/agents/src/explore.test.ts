import type { Exploration } from "@stride/experiment";
import { initialPolicy } from "@stride/schedules";
import { describe, expect, it } from "vitest";
import { type Choice, explorer } from "./explore.js";

const shared = {
  every: 10,
  sees: { gradients: false, bound: false },
  range: { lowest: 1e-3, highest: 1e3 },
  hidden: [],
  critic: false,
  seed: 1,
} as const;
const discrete = initialPolicy({ ...shared, actions: { kind: "discrete", factors: [0.5, 1, 2] } });
const continuous = initialPolicy({ ...shared, actions: { kind: "continuous", most: 2 } });
const none = { kind: "none" } as const;
const asItIs = { kind: "policy" } as const;

/** What is chosen in so many decisions, all with these logits (values, mean). */
function chosen(
  output: readonly number[],
  exploration: Exploration,
  { policy = discrete, seed = 1, index = 0, decisions = 2000 } = {},
): Choice[] {
  const choose = explorer({ policy, exploration, seed, index });
  return Array.from({ length: decisions }, (_, decision) => choose({ features: [], output, decision }));
}

const shares = (choices: readonly Choice[]) =>
  [0, 1, 2].map((action) => choices.filter((choice) => choice.action === action).length / choices.length);

describe("among factors", () => {
  it("draws from the policy's distribution, and says how likely each was", () => {
    const choices = chosen([0.2, 0.3, 0.5].map(Math.log), asItIs);
    for (const [action, share] of shares(choices).entries()) {
      // Of 2,000: within four standard deviations of 0.011.
      expect(share).toBeCloseTo([0.2, 0.3, 0.5][action] as number, 1);
      const one = choices.find((choice) => choice.action === action);
      expect(one?.logProbability).toBeCloseTo(Math.log([0.2, 0.3, 0.5][action] as number), 12);
    }
    expect(choices[0]?.entropy).toBeCloseTo(-0.2 * Math.log(0.2) - 0.3 * Math.log(0.3) - 0.5 * Math.log(0.5), 12);
  });

  it("takes a uniformly drawn action with the probability ε, else the best", () => {
    const choices = chosen([1, 7, 3], { kind: "epsilon", epsilon: 0.3 });
    // 0.3 / 3 each, and 0.7 more for the best.
    expect(shares(choices)).toEqual([0.1, 0.8, 0.1].map((share) => expect.closeTo(share, 1)));
    expect(choices.find(({ action }) => action === 1)?.logProbability).toBeCloseTo(Math.log(0.8), 12);
    expect(choices.find(({ action }) => action === 2)?.logProbability).toBeCloseTo(Math.log(0.1), 12);
    expect(shares(chosen([1, 7, 3], { kind: "epsilon", epsilon: 0 }))).toEqual([0, 1, 0]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])("takes the action e mod 3 in episode %i of a batch of constant ones", (index) => {
    const choices = chosen([1, 7, 3], { kind: "constant" }, { index, decisions: 5 });
    expect(new Set(choices.map(({ action }) => action))).toEqual(new Set([index % 3]));
  });

  it("takes the likeliest without exploration, or draws where the policy itself does", () => {
    expect(chosen([1, 7, 3], none, { decisions: 1 })).toEqual([{ action: 1, logProbability: 0, entropy: 0 }]);
    const sampling = { ...discrete, selection: "sample" } as const;
    expect(chosen([0, 0, 0], none, { policy: sampling })).toEqual(chosen([0, 0, 0], asItIs));
  });

  it("draws the same for the same seed, and other actions for another", () => {
    const actions = (seed: number) => chosen([0, 0, 0], asItIs, { seed, decisions: 30 }).map(({ action }) => action);
    expect(actions(5)).toEqual(actions(5));
    expect(actions(5)).not.toEqual(actions(6));
  });
});

describe("among numbers", () => {
  it("draws around the mean with the policy's deviation", () => {
    const policy = { ...continuous, logDeviation: Math.log(0.5) };
    const choices = chosen([3], asItIs, { policy });
    const mean = choices.reduce((sum, { action }) => sum + action, 0) / choices.length;
    const square = choices.reduce((sum, { action }) => sum + (action - mean) ** 2, 0) / choices.length;
    expect(mean).toBeCloseTo(3, 1);
    expect(Math.sqrt(square)).toBeCloseTo(0.5, 1);
    const [{ action, logProbability }] = choices as [Choice];
    expect(logProbability).toBeCloseTo(
      Math.log(Math.exp(-0.5 * ((action - 3) / 0.5) ** 2) / (0.5 * Math.sqrt(2 * Math.PI))),
      9,
    );
    expect(chosen([3], none, { policy, decisions: 1 })).toEqual([{ action: 3, logProbability: 0, entropy: 0 }]);
  });

  it.each([{ kind: "constant" }, { kind: "epsilon", epsilon: 0.5 }] as const)(
    "cannot explore by $kind",
    (exploration) => {
      expect(() => chosen([0], exploration, { policy: continuous })).toThrow(
        `continuous actions cannot be explored by ${exploration.kind}`,
      );
    },
  );
});

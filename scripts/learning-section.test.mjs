import { describe, expect, it } from "vitest";
import { learnedSection } from "./learning-section.mjs";

const trainings = (count) => ({
  ...{ trainings: count, steps: 400 * count, forwardPasses: 440 * count, backwardPasses: 400 * count },
  seconds: count / 10,
});
const learning = {
  ...{ study: "rl", policy: "tuner", best: 10, sha256: "ab12", file: null, seed: 1, iterations: 20 },
  algorithm: { kind: "double-dqn", learningRate: 0.001, epsilon: { from: 1, to: 0.05, over: 20 } },
  environment: {
    ...{ steps: 400, every: 10, actions: { kind: "discrete", factors: [0.5, 1, 2] } },
    ...{ range: { lowest: 0.0001, highest: 10_000 }, sees: { gradients: false, bound: false } },
    reward: { signal: "evaluation", divergencePenalty: 5 },
  },
  ...{ network: { hidden: [32, 32] }, episodes: { batches: 6, each: 16 }, validate: { every: 10, each: 8 } },
  ...{ initialRate: { from: 0.001, to: 1 }, tasks: { train: 24, validation: 6, test: 6 } },
  versions: {
    version: [0, 1, 10, 20],
    training: { return: [0.5, 0.7, 2, null], divergence: [0.25, 0.2, 0.015, null], entropy: [1.1, 1, 0.75, null] },
    validation: { return: [0.75, null, 2.5, 2.25], divergence: [0.1, null, 0, 0], entropy: [0, null, 0, 0] },
  },
  wallSeconds: 91,
  cost: { training: trainings(1920), validation: trainings(144), updates: { count: 20, seconds: 30 } },
  comparison: { study: "rl-comparison", schedules: ["learned"], trials: trainings(1000), ownTuning: trainings(200) },
  equals: { trainings: 2064, ownTunings: 10.32 },
};
const section = (changes = {}, pictures = []) => learnedSection({ learning: { ...learning, ...changes } }, pictures);
const environment = (changes) => ({ environment: { ...learning.environment, ...changes } });

describe("what was learned", () => {
  it("names the policy, what made it, and its hash", () => {
    const text = section();
    expect(text).toContain(
      "**`tuner@10`**, by double DQN: of the 3 versions that were validated in the course of 20 updates",
    );
    expect(text).toContain("`ab12`");
    expect(text).toContain("learning rate 0.001, epsilon from 1, to 0.05, over 20");
    expect(text).not.toMatch(/undefined|NaN|null/);
  });

  it("links the policy where it is kept, else says what writes it", () => {
    expect(section()).toContain("`npx stride policy export tuner@10 -o tuner.json`");
    const kept = section({ file: "sweeps/policies/tuner.json" });
    expect(kept).toContain("[sweeps/policies/tuner.json](../../sweeps/policies/tuner.json)");
    expect(kept).toContain("`{ kind: policy, policy: ./policies/tuner.json }`");
    expect(kept).not.toContain("policy export");
  });

  it("says what is decided, how often, within what, and for what reward", () => {
    const text = section();
    expect(text).toContain(
      "After every 10 of 400 steps the rate is multiplied by 0.5, 1 or 2, within 0.0001 to 10,000",
    );
    expect(text).toContain("the fall of the log held-out loss over the 10 steps that follow");
    expect(text).toContain("ends the episode and costs 5");
    const continuous = section(environment({ actions: { kind: "continuous", most: 4 } }));
    expect(continuous).toContain("multiplied by any factor from 0.25 to 4,");
  });

  it("says where rates are held to the bound, and are multiples of it", () => {
    expect(section()).not.toContain("the bound");
    const stability = { bound: "ray", fraction: 0.9, clip: true, start: true };
    const text = section(environment({ stability, sees: { gradients: true, bound: true } }));
    expect(text).toContain("Every step's rate is held to 0.9 times the ray bound.");
    expect(text).toContain("drawn from 0.001 to 1 times the bound at the first step");
    expect(text).toContain("norms of gradients and the distance to the stability bound");
  });

  it("has a row for every version that was validated, the best marked, and no training after the last", () => {
    const rows = section()
      .split("\n")
      .filter((line) => /^\| \d/.test(line));
    expect(rows).toEqual([
      "| 0 | 0.75 | 10.0 % | 0.5 | 25.0 % | 1.1 |  |",
      "| 10 | 2.5 | 0.0 % | 2 | 1.5 % | 0.75 | **best** |",
      "| 20 | 2.25 | 0.0 % | – | – | – |  |",
    ]);
  });

  it("shows the picture of returns and no other", () => {
    const pictures = ["returns", "rates"].map((kind) => ({ kind, title: kind, file: `rl-${kind}.svg` }));
    expect(section({}, pictures).match(/!\[.*?\]\(.*?\)/g)).toEqual(["![returns](rl-returns.svg)"]);
  });
});

describe("what learning cost", () => {
  it("stands beside what the comparison cost, in a row each", () => {
    const text = section();
    expect(text).toContain("| learning: training episodes | 1,920 | 768,000 | 844,800 | 768,000 | 3 min 12 s |");
    expect(text).toContain("| learning: 20 updates | – | – | – | – | 30 s |");
    expect(text).toContain("| comparison: all trials | 1,000 | 400,000 | 440,000 | 400,000 | 1 min 40 s |");
    expect(text).toContain("| comparison: tuning of `learned` alone | 200 | 80,000 |");
  });

  it("is added up, measured in trainings and tuning budgets, and said to be charged to no win rate", () => {
    const text = section();
    // 206 s of episodes and 30 s of updates.
    expect(text).toContain(
      "Learning took 2,064 episodes, 825,600 steps, 908,160 forward and 825,600 backward passes and 3 min 56 s",
    );
    expect(text).toContain("1 min 31 s of wall time");
    expect(text).toContain(
      "2,064 whole trainings of the comparison's length, and 10.32 times the tuning budget of `learned`",
    );
    expect(text).toContain("**No win rate is charged for it:**");
  });

  it("leaves out a wall time that is not known, tuning that was not done, and evaluations that no reward needs", () => {
    expect(section()).toContain("held-out losses that their rewards need");
    const nothing = trainings(0);
    const text = section({
      ...environment({ reward: { signal: "train", divergencePenalty: 5 } }),
      ...{ wallSeconds: null, equals: { trainings: 2064, ownTunings: null } },
      comparison: { ...learning.comparison, ownTuning: nothing },
    });
    expect(text).not.toMatch(/wall time|tuning|held-out|null|undefined/);
  });
});

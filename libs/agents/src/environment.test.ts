import type { TrialResult } from "@stride/experiment";
import { initialPolicy } from "@stride/schedules";
import { describe, expect, it } from "vitest";
import { play } from "./environment.js";

const environment = {
  steps: 8,
  every: 2,
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 1e-3, highest: 1e3 },
  sees: { gradients: false, bound: false },
  reward: { signal: "train", divergencePenalty: 5 },
} as const;
const policy = initialPolicy({ ...environment, hidden: [], critic: false, seed: 1 });
const completed: TrialResult = {
  trialId: "t",
  outcome: { kind: "completed" },
  steps: 8,
  finalEvaluationLoss: 1,
  bestEvaluationLoss: 1,
  areaUnderCurve: 1,
  forwardPasses: 8,
  backwardPasses: 8,
  seconds: 1,
};

/** Lives an episode of actions 0, 1, 2 with these training losses, and a held-out loss after every second one. */
function lived(
  losses: readonly number[],
  { signal = "train" as "train" | "evaluation", heldOut = [] as readonly number[], result = completed } = {},
) {
  const played = play({
    environment: { ...environment, reward: { signal, divergencePenalty: 5 } },
    policy,
    learningRate: 1,
    choose: ({ decision }) => ({ action: decision, logProbability: -decision, entropy: 10 * decision }),
  });
  let state = played.scheduler.init();
  const rates = losses.map((trainingLoss, step) => {
    const rate = played.scheduler.learningRate(state);
    const loss = heldOut[(step - 1) / 2];
    const evaluation = loss === undefined ? {} : { evaluation: { step: step + 1, loss } };
    state = played.scheduler.update(state, { step, trainingLoss, ...evaluation });
    return rate;
  });
  return { rates, episode: played.episode(3, result) };
}

const inTwos = (rewards: Float32Array) => [...rewards].map((reward) => reward / Math.log(2));
const about = (numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 5));

describe("the environment of a rate", () => {
  it("lets the agent act after every window but the last, and keeps what it saw and did", () => {
    const { rates, episode } = lived([8, 8, 4, 4, 2, 2, 1, 1]);
    expect(rates).toEqual([1, 1, 0.5, 0.5, 0.5, 0.5, 1, 1]);
    expect(episode).toMatchObject({ index: 3, decisions: 3, diverged: false, steps: 8, finalEvaluationLoss: 1 });
    expect(episode.actions).toEqual(Float32Array.of(0, 1, 2));
    expect(episode.logProbabilities).toEqual(Float32Array.of(-0, -1, -2));
    expect(episode.entropies).toEqual(Float32Array.of(0, 10, 20));
    // The eighth of nine features is the share of the training that is over.
    expect([7, 16, 25].map((at) => episode.features[at])).toEqual([0.25, 0.5, 0.75]);
  });

  it("rewards each action with the fall of the mean log loss from its window to the next", () => {
    // Means in twos: 3, 2, then (0 + 4) / 2 = 2, then −1.
    expect(inTwos(lived([8, 8, 4, 4, 1, 16, 0.5, 0.5]).episode.rewards)).toEqual(about([1, 0, 3]));
  });

  it("rewards the fall of the held-out loss where that is asked for", () => {
    const { rewards } = lived(Array(8).fill(1), { signal: "evaluation", heldOut: [8, 1, 2, 0.5] }).episode;
    expect(inTwos(rewards)).toEqual(about([3, -1, 2]));
    expect(() => lived([1, 1], { signal: "evaluation" })).toThrow(
      "there is no held-out loss after step 1, which the reward needs",
    );
  });

  it("has the penalty in place of the last action's reward where training diverged", () => {
    // It ends in the third window, in which the second action acts.
    const result = { ...completed, outcome: { kind: "diverged", step: 5 }, steps: 5 } as const;
    const { episode } = lived([8, 8, 4, 4], { result });
    expect(inTwos(episode.rewards)).toEqual(about([1, -5 / Math.log(2)]));
    expect(episode).toMatchObject({ decisions: 2, diverged: true, steps: 5 });
  });

  it("has no decision, and so no reward, where training diverged before the first", () => {
    const result = { ...completed, outcome: { kind: "diverged", step: 1 }, steps: 1 } as const;
    expect(lived([8], { result }).episode).toMatchObject({ decisions: 0, rewards: new Float32Array(), diverged: true });
  });
});

import type { RecordedEpisode } from "@stride/experiment";
import { forward, initialPolicy } from "@stride/schedules";
import { expect, it } from "vitest";
import { updateBestConstant, updateRandom } from "./floors.js";

const policy = initialPolicy({
  every: 10,
  sees: { gradients: false, bound: false },
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 1e-3, highest: 1e3 },
  hidden: [4],
  critic: false,
  seed: 1,
});

function episode(index: number, action: number, rewards: readonly number[]): RecordedEpisode {
  const numbers = (value: number) => Float32Array.from(rewards, () => value);
  return {
    iteration: 0,
    position: 0,
    index,
    decisions: rewards.length,
    features: new Float32Array(9 * rewards.length),
    actions: numbers(action),
    logProbabilities: numbers(0),
    entropies: numbers(0),
    rewards: Float32Array.from(rewards),
    diverged: false,
    steps: 40,
    finalEvaluationLoss: 1,
    forwardPasses: 40,
    backwardPasses: 40,
    seconds: 1,
  };
}

const says = ({ actor }: typeof policy) => forward(actor, [1, -2, 3, 0, 0, 0, 0, 0, 5]);

it("takes the action with the best mean return, whatever is seen", () => {
  const episodes = [episode(0, 0, [1, 1]), episode(1, 1, [3, 0]), episode(2, 2, [9, 0]), episode(3, 2, [-5, 0])];
  const best = updateBestConstant(policy, episodes);
  expect(says(best.policy)).toEqual([0, 1, 0]);
  expect(best.statistics).toMatchObject({ episodes: 4, bestAction: 1, bestReturn: 3, meanReturn: 2.25 });
});

it("takes the first of two equally good actions, and keeps the policy when nothing was lived", () => {
  expect(says(updateBestConstant(policy, [episode(0, 2, [1]), episode(1, 1, [1])]).policy)).toEqual([0, 1, 0]);
  expect(updateBestConstant(policy, []).policy).toBe(policy);
});

it("makes every action equally likely", () => {
  const random = updateRandom(policy, [episode(0, 0, [1])]);
  expect(says(random.policy)).toEqual([0, 0, 0]);
  expect(random.policy.selection).toBe("sample");
});

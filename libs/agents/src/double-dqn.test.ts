import { createExecutor, type Executor } from "@stride/compile";
import { agentAlgorithmSchema, type DoubleDqnOptions, type RecordedEpisode } from "@stride/experiment";
import type { PolicyDocument } from "@stride/schedules/spec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bandit, chain, episodeOf, lived, testPolicy } from "../test/simulated.js";
import { doubleDqnStatistics, updateDoubleDqn } from "./double-dqn.js";
import { outputs } from "./networks.js";
import { normalised } from "./normalisation.js";

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor("onnx-cpu");
});
afterAll(() => executor[Symbol.asyncDispose]());

const optionsOf = (fields: object = {}) =>
  agentAlgorithmSchema.parse({ kind: "double-dqn", minibatch: 64, learningRate: 0.01, ...fields }) as DoubleDqnOptions;

/** Action values of features as they are. */
const valuesOf = (policy: PolicyDocument, ...features: number[]) => [
  ...outputs(policy.actor, normalised(Float32Array.from(features), policy.normalisation)),
];

/** Updates from all that was lived so far, by random actions; the target is the policy at the update's start. */
async function learn(world: typeof chain, options: DoubleDqnOptions, updates: number) {
  let policy = testPolicy({ inputs: 2, critic: false });
  const remembered: RecordedEpisode[] = [];
  const told = [];
  for (let iteration = 0; iteration < updates; iteration++) {
    remembered.push(...lived(world, policy, { count: 200, iteration, uniform: 2 }));
    const result = await updateDoubleDqn(options, { policy, episodes: remembered, seed: iteration, executor });
    policy = result.policy;
    told.push(result.statistics);
  }
  return { policy, told };
}

describe("double DQN", () => {
  it("learns what each action earns in a context", async () => {
    const { policy, told } = await learn(bandit, optionsOf(), 3);
    for (const [x, values] of [
      [1, [0, 1]],
      [-1, [1, 0]],
    ] as const) {
      const [left, right] = valuesOf(policy, x, 0);
      expect(Math.abs((left as number) - values[0])).toBeLessThan(0.1);
      expect(Math.abs((right as number) - values[1])).toBeLessThan(0.1);
    }
    expect(told.at(-1)?.lastLoss).toBeLessThan(0.02);
    expect(told[0]?.firstLoss).toBeGreaterThan(0.05);
  });

  it("learns what an action earns later, discounted", async () => {
    const { policy } = await learn(chain, optionsOf({ discount: 0.8 }), 4);
    // At the second decision 0 and 1; at the first 0.8 · max(0, 1) and ½.
    const [second, first] = [valuesOf(policy, 0, 1), valuesOf(policy, 1, 0)];
    expect(Math.abs((second[0] as number) - 0)).toBeLessThan(0.1);
    expect(Math.abs((second[1] as number) - 1)).toBeLessThan(0.1);
    expect(Math.abs((first[0] as number) - 0.8)).toBeLessThan(0.1);
    expect(Math.abs((first[1] as number) - 0.5)).toBeLessThan(0.1);
  });

  it("takes the target network's value of the action that the online network prefers", async () => {
    // Linear: online values of what follows are (0, 5), the target's (3, 2): 2 counts, not the target's own best, 3.
    const linear = (biases: readonly number[]): PolicyDocument => ({
      ...testPolicy({ inputs: 1, critic: false }),
      actor: [{ weights: [[0, 0]], biases }],
    });
    const step = (reward: number) => ({ features: [0], action: 1, reward, logProbability: 0 });
    const { statistics } = await updateDoubleDqn(
      optionsOf({ updates: 10, minibatch: 1, learningRate: 1e-9, discount: 1 }),
      {
        policy: linear([0, 5]),
        target: linear([3, 2]),
        episodes: [episodeOf([step(2.5), step(2.5)])],
        seed: 3,
        executor,
      },
    );
    // Errors: 2.5 + 2 − 5 = −½, hence ½ · ¼ = 0.125; at the episode's end 2.5 − 5, beyond 1, hence 2.5 − ½ = 2.
    expect([0.125, 2]).toContainEqual(expect.closeTo(statistics.firstLoss as number, 5));
    expect([0.125, 2]).toContainEqual(expect.closeTo(statistics.lastLoss as number, 5));
    expect(statistics.actionValue).toBeCloseTo(5, 5);
    expect(statistics.actionGap).toBeCloseTo(5, 5);
  });

  it("gives the same policy to the bit for the same seed, and another for another", async () => {
    const policy = testPolicy({ inputs: 2, critic: false });
    const episodes = lived(chain, policy, { count: 100, iteration: 0, uniform: 2 });
    const update = (seed: number) => updateDoubleDqn(optionsOf({ updates: 20 }), { policy, episodes, seed, executor });
    const [one, again, other] = [await update(1), await update(1), await update(2)];
    expect(again).toEqual(one);
    expect(other.policy.actor).not.toEqual(one.policy.actor);
  });

  it("explains every number that it tells, and counts each decision once into the normalisation", async () => {
    const { policy, told } = await learn(bandit, optionsOf({ updates: 100 }), 2);
    expect(Object.keys(told[0] ?? {}).sort()).toEqual(Object.keys(doubleDqnStatistics).sort());
    expect(told.map(({ episodes, learningSteps }) => [episodes, learningSteps])).toEqual([
      [200, 100],
      [400, 100],
    ]);
    expect(policy.normalisation.count).toBe(400);
  });

  it("refuses continuous actions", async () => {
    const policy = testPolicy({ inputs: 1, actions: { kind: "continuous", most: 2 } });
    await expect(updateDoubleDqn(optionsOf(), { policy, episodes: [], seed: 0, executor })).rejects.toThrow(
      "double-dqn must be given discrete actions, got continuous",
    );
  });

  it.each([-1, 2, 0.5])("refuses %d as one of two actions", async (action) => {
    const episodes = [episodeOf([{ features: [0], action, reward: 0, logProbability: 0 }])];
    const policy = testPolicy({ inputs: 1, critic: false });
    await expect(updateDoubleDqn(optionsOf(), { policy, episodes, seed: 0, executor })).rejects.toThrow(
      `an action must be an integer from 0 to 1, got ${action}`,
    );
  });
});

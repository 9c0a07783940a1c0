import { createExecutor, type Executor } from "@stride/compile";
import { agentAlgorithmSchema, type PpoOptions } from "@stride/experiment";
import { type Actions, type PolicyDocument, policyDocumentSchema } from "@stride/schedules/spec";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bandit, chain, episodeOf, lived, testPolicy, type World } from "../test/simulated.js";
import { decisionsOf } from "./decisions.js";
import { likelihoods } from "./likelihoods.js";
import { outputs } from "./networks.js";
import { normalised } from "./normalisation.js";
import { generalisedAdvantages, ppoStatistics, updatePpo } from "./ppo.js";

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor("onnx-cpu");
});
afterAll(() => executor[Symbol.asyncDispose]());

const optionsOf = (fields: object = {}) =>
  agentAlgorithmSchema.parse({ kind: "ppo", minibatch: 64, epochs: 4, ...fields }) as PpoOptions;

describe("the generalised advantage estimate", () => {
  const last = Uint8Array.of(0, 0, 1, 1);
  const rewards = Float32Array.of(1, 0, 2, 4);
  const values = Float64Array.of(1, 2, 3, 1);

  it("looks back from each episode's end", () => {
    // γ = λ = ½. δ = 1 + ½·2 − 1 = 1; 0 + ½·3 − 2 = −½; 2 − 3 = −1; and 4 − 1 = 3 in the other episode.
    // Â₂ = −1; Â₁ = −½ + ¼·(−1) = −¾; Â₀ = 1 + ¼·(−¾) = 13/16.
    const advantages = generalisedAdvantages({ count: 4, rewards, last }, values, { discount: 0.5, trace: 0.5 });
    expect([...advantages]).toEqual([0.8125, -0.75, -1, 3]);
  });

  it("is the discounted return less the value for λ = 1, and the one-step error for λ = 0", () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    const steps = fc.array(fc.record({ reward: number, value: number }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (trajectory, discount) => {
        const count = trajectory.length;
        const episode = {
          count,
          rewards: Float32Array.from(trajectory, ({ reward }) => reward),
          last: Uint8Array.from(trajectory, (_, t) => (t + 1 === count ? 1 : 0)),
        };
        const given = Float64Array.from(trajectory, ({ value }) => value);
        const whole = generalisedAdvantages(episode, given, { discount, trace: 1 });
        const single = generalisedAdvantages(episode, given, { discount, trace: 0 });
        let discounted = 0;
        for (let t = count - 1; t >= 0; t--) {
          discounted = (episode.rewards[t] as number) + discount * discounted;
          expect(whole[t]).toBeCloseTo(discounted - (given[t] as number), 8);
          const next = discount * (given[t + 1] ?? 0);
          expect(single[t]).toBeCloseTo((episode.rewards[t] as number) + next - (given[t] as number), 8);
        }
      }),
    );
  });
});

/** Reward −(a − 2x)²: the best mean is 2x. */
const aim: World = {
  start: (random) => [random.uniform(99, 0) < 0.5 ? -1 : 1],
  act: ([x], action) => ({ reward: -((action - 2 * (x as number)) ** 2) }),
};
const continuous: Actions = { kind: "continuous", most: 2 };

async function learn(
  world: World,
  first: PolicyDocument,
  options: PpoOptions,
  { updates, episodes = 256 }: { readonly updates: number; readonly episodes?: number },
) {
  let policy = first;
  const told = [];
  for (let iteration = 0; iteration < updates; iteration++) {
    const result = await updatePpo(options, {
      policy,
      episodes: lived(world, policy, { count: episodes, iteration }),
      seed: iteration,
      executor,
    });
    policy = result.policy;
    told.push(result.statistics);
  }
  return { policy, told };
}

/** What the actor says of features as they are. */
const said = (policy: PolicyDocument, ...features: number[]) =>
  outputs(policy.actor, normalised(Float32Array.from(features), policy.normalisation));
const chanceOfOne = (policy: PolicyDocument, ...features: number[]) =>
  Math.exp(
    likelihoods(policy, normalised(Float32Array.from(features), policy.normalisation), Float32Array.of(1))
      .logged[0] as number,
  );

describe("PPO", () => {
  it("learns which action a context asks for", async () => {
    const first = testPolicy({ inputs: 2 });
    const { policy, told } = await learn(bandit, first, optionsOf({ learningRate: 0.01 }), { updates: 12 });
    expect(told[0]?.meanReturn).toBeLessThan(0.65);
    expect(told.at(-1)?.meanReturn).toBeGreaterThan(0.9);
    expect(chanceOfOne(policy, 1, 0)).toBeGreaterThan(0.9);
    expect(chanceOfOne(policy, -1, 0)).toBeLessThan(0.1);
    expect(() => policyDocumentSchema.parse(JSON.parse(JSON.stringify(policy)))).not.toThrow();
  });

  it("gives up a reward for a greater one later", async () => {
    const options = optionsOf({ learningRate: 3e-3, epochs: 6 });
    const { policy, told } = await learn(chain, testPolicy({ inputs: 2 }), options, { updates: 12 });
    expect(told[0]?.meanReturn).toBeLessThan(0.5);
    expect(told.at(-1)?.meanReturn).toBeGreaterThan(0.95);
    expect(chanceOfOne(policy, 1, 0)).toBeLessThan(0.05);
    expect(chanceOfOne(policy, 0, 1)).toBeGreaterThan(0.95);
  });

  it("moves the mean of continuous actions to the best, and narrows their deviation", async () => {
    const first = testPolicy({ inputs: 1, actions: continuous });
    const { policy, told } = await learn(aim, first, optionsOf({ learningRate: 0.02, entropy: 0 }), { updates: 25 });
    expect(Math.abs((said(policy, 1)[0] as number) - 2)).toBeLessThan(0.4);
    expect(Math.abs((said(policy, -1)[0] as number) + 2)).toBeLessThan(0.4);
    expect(told.at(-1)?.deviation).toBeLessThan(0.7);
  });

  it("keeps the deviation's logarithm within −3 and 1", async () => {
    // An entropy bonus that outweighs all widens it as far as it may.
    const first = { ...testPolicy({ inputs: 1, actions: continuous }), logDeviation: 0.98 };
    const { policy } = await learn(aim, first, optionsOf({ learningRate: 0.1, entropy: 10 }), { updates: 1 });
    expect(policy.logDeviation).toBe(1);
  });

  it("gives the same policy to the bit for the same seed, and another for another", async () => {
    const policy = testPolicy({ inputs: 2 });
    const episodes = lived(bandit, policy, { count: 200, iteration: 0 });
    const update = (seed: number) => updatePpo(optionsOf(), { policy, episodes, seed, executor });
    const [one, again, other] = [await update(1), await update(1), await update(2)];
    expect(again).toEqual(one);
    expect(other.policy.actor).not.toEqual(one.policy.actor);
  });

  it("explains every number that it tells", async () => {
    const { told } = await learn(aim, testPolicy({ inputs: 1, actions: continuous }), optionsOf(), { updates: 1 });
    expect(Object.keys(told[0] ?? {}).sort()).toEqual(Object.keys(ppoStatistics).sort());
    // 256 decisions in mini-batches of 64, four times over.
    expect(told[0]).toMatchObject({ episodes: 256, decisions: 256, learningSteps: 16 });
    expect(Object.values(told[0] ?? {}).every(Number.isFinite)).toBe(true);
  });

  it("tells of no change where the rate is too small for one", async () => {
    const { told } = await learn(bandit, testPolicy({ inputs: 2 }), optionsOf({ learningRate: 1e-12 }), { updates: 1 });
    expect(told[0]?.policyLoss).toBeCloseTo(0, 5);
    expect(told[0]?.approximateKl).toBeCloseTo(0, 5);
    expect(told[0]?.clipFraction).toBe(0);
    expect(told[0]?.entropy).toBeGreaterThan(0.5);
    expect(told[0]?.entropy).toBeLessThanOrEqual(Math.log(2));
  });

  it("takes smaller mini-batches of fewer decisions: a power of two", async () => {
    const { told } = await learn(bandit, testPolicy({ inputs: 2 }), optionsOf(), { updates: 1, episodes: 37 });
    expect(told[0]?.learningSteps).toBe(4);
  });

  it("leaves the policy as it is where every episode ended before a decision", async () => {
    const policy = testPolicy({ inputs: 2 });
    const result = await updatePpo(optionsOf(), { policy, episodes: [episodeOf([])], seed: 0, executor });
    expect(result).toEqual({
      policy,
      statistics: { episodes: 1, decisions: 0, meanReturn: 0, learningSteps: 0 },
    });
  });

  it.each([
    {
      what: "a policy without critic",
      policy: testPolicy({ inputs: 2, critic: false }),
      says: "PPO must be given a policy with a critic, got one without",
    },
    {
      what: "episodes of other features",
      policy: testPolicy({ inputs: 3 }),
      says: "an episode's features must be the 3 of its policy, got 2 a decision",
    },
  ])("refuses $what", async ({ policy, says }) => {
    const episodes = lived(bandit, testPolicy({ inputs: 2 }), { count: 2, iteration: 0 });
    await expect(updatePpo(optionsOf(), { policy, episodes, seed: 0, executor })).rejects.toThrow(says);
  });

  it("refuses to leave a policy that is not finite", async () => {
    const policy = testPolicy({ inputs: 2 });
    const episodes = lived(bandit, policy, { count: 64, iteration: 0 }).map((episode) => ({
      ...episode,
      rewards: episode.rewards.map(() => 3e38),
    }));
    await expect(updatePpo(optionsOf(), { policy, episodes, seed: 0, executor })).rejects.toThrow(
      "the update leaves weights that are not finite: its learningRate of 0.003 is too high",
    );
  });

  it("reads decisions in the episodes' order", () => {
    const step = (action: number, reward: number) => ({
      features: [action, reward],
      action,
      reward,
      logProbability: -1,
    });
    const policy = testPolicy({ inputs: 2 });
    const { last, actions, features } = decisionsOf(
      [episodeOf([step(0, 1), step(1, 2)]), episodeOf([step(1, 3)])],
      policy,
    );
    expect([[...last], [...actions], [...features]]).toEqual([
      [0, 1, 1],
      [0, 1, 1],
      [0, 1, 1, 2, 1, 3],
    ]);
  });
});

import type { RecordedEpisode } from "@stride/experiment";
import { randomStream, type Stream } from "@stride/random";
import { forward, logProbabilities, normalisedFeatures, sampled } from "@stride/schedules";
import type { Actions, PolicyDocument } from "@stride/schedules/spec";
import { likelihoods } from "../src/likelihoods.js";
import { normalised } from "../src/normalisation.js";

export interface TestPolicy {
  readonly inputs: number;
  readonly actions?: Actions;
  readonly hidden?: readonly number[];
  readonly critic?: boolean;
}

/** A policy with small random weights, whatever its features are. */
export function testPolicy({ inputs, hidden = [8], actions, critic = true }: TestPolicy): PolicyDocument {
  const given = actions ?? { kind: "discrete", factors: [0.5, 2] };
  const random = randomStream({ seed: 7, purpose: "test policy" });
  const layers = (outs: number, network: number) => {
    const widths = [inputs, ...hidden, outs];
    return widths.slice(1).map((out, i) => ({
      weights: Array.from({ length: widths[i] as number }, (_, row) =>
        Array.from(random.normals(1000 * network + 100 * i + row, out), (x) => Math.fround(0.3 * x)),
      ),
      biases: Array.from({ length: out }, () => 0),
    }));
  };
  return {
    format: 1,
    every: 10,
    sees: { gradients: false, bound: false },
    actions: given,
    range: { lowest: 0.01, highest: 100 },
    selection: "sample",
    normalisation: {
      count: 0,
      mean: Array.from({ length: inputs }, () => 0),
      deviation: Array.from({ length: inputs }, () => 1),
    },
    actor: layers(given.kind === "discrete" ? given.factors.length : 1, 0),
    ...(given.kind === "discrete" ? {} : { logDeviation: 0 }),
    ...(critic ? { critic: layers(1, 1) } : {}),
  };
}

/** A simulated world: what is seen, and what an action brings, given a standard normal number; without a next one the episode ends. */
export interface World {
  readonly start: (random: Stream) => readonly number[];
  readonly act: (
    features: readonly number[],
    action: number,
    noise: number,
  ) => { readonly reward: number; readonly next?: readonly number[] };
}

/** Episodes lived in a world: actions are drawn from the policy, or evenly from so many where `uniform` says so. */
export function lived(
  world: World,
  policy: PolicyDocument,
  { count, iteration, uniform }: { readonly count: number; readonly iteration: number; readonly uniform?: number },
): RecordedEpisode[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomStream({ seed: 1000 * iteration + index, purpose: "test episode" });
    const steps: { features: readonly number[]; action: number; reward: number; logProbability: number }[] = [];
    let features: readonly number[] | undefined = world.start(random);
    while (features !== undefined) {
      const seen = Float32Array.from(features);
      const action =
        uniform === undefined ? drawn(policy, seen, random, steps.length) : random.integer(steps.length, 0, uniform);
      const [logProbability] = likelihoods(
        policy,
        normalised(seen, policy.normalisation),
        Float32Array.of(action),
      ).logged;
      const { reward, next } = world.act(features, action, random.normal(steps.length, 9));
      steps.push({ features, action, reward, logProbability: logProbability as number });
      features = next;
    }
    return episodeOf(steps, { index, iteration });
  });
}

function drawn(policy: PolicyDocument, features: Float32Array, random: Stream, step: number): number {
  const said = forward(policy.actor, normalisedFeatures([...features], policy.normalisation));
  return policy.logDeviation === undefined
    ? sampled(logProbabilities(said), random.uniform(step, 0))
    : (said[0] as number) + Math.exp(policy.logDeviation) * random.normal(step, 0);
}

/** A recorded episode of these decisions. */
export function episodeOf(
  steps: readonly {
    readonly features: readonly number[];
    readonly action: number;
    readonly reward: number;
    readonly logProbability: number;
  }[],
  { index = 0, iteration = 0 } = {},
): RecordedEpisode {
  return {
    index,
    iteration,
    position: 0,
    decisions: steps.length,
    features: Float32Array.from(steps.flatMap(({ features }) => features)),
    actions: Float32Array.from(steps, ({ action }) => action),
    logProbabilities: Float32Array.from(steps, ({ logProbability }) => logProbability),
    entropies: new Float32Array(steps.length),
    rewards: Float32Array.from(steps, ({ reward }) => reward),
    diverged: false,
    steps: 10 * (steps.length + 1),
    finalEvaluationLoss: 1,
    forwardPasses: 0,
    backwardPasses: 0,
    seconds: 0,
  };
}

/** One decision an episode: x = −1 or 1 with a distractor; action 1 is right where x = 1, action 0 where x = −1. */
export const bandit: World = {
  start: (random) => [random.uniform(99, 0) < 0.5 ? -1 : 1, random.normal(99, 1)],
  act: ([x], action) => ({ reward: (action === 1) === (x === 1) ? 1 : 0 }),
};

/**
 * Action 1 earns ½ and ends; action 0 earns nothing, and a second decision where action 1 earns 1 and action 0 nothing; give or take a
 * tenth. Without noise all advantages become equal in the end, and their normalisation blows up what the critic errs by.
 */
export const chain: World = {
  start: () => [1, 0],
  act: ([first], action, noise) => {
    if (first !== 1) return { reward: action + 0.1 * noise };
    return action === 1 ? { reward: 0.5 + 0.1 * noise } : { reward: 0.1 * noise, next: [0, 1] };
  },
};

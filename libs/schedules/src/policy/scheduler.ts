import { randomStream } from "@stride/random";
import type { Scheduler } from "../schedule.js";
import type { PolicyDocument } from "./document.js";
import { closeWindow, type FeatureState, noFeatures, observed } from "./features.js";
import { forward, largest, logProbabilities, normalisedFeatures } from "./network.js";

/** What a decision is taken from. */
export interface DecisionInput {
  /** Not normalised, in the order of `featureNames`. */
  readonly features: readonly number[];
  /** What the actor says: logits, action values, or the mean. */
  readonly output: readonly number[];
  /** Counted from 0. */
  readonly decision: number;
}

export interface PolicySchedulerOptions {
  /** The rate it begins with. */
  readonly learningRate: number;
  /** Updates of the whole training. */
  readonly steps: number;
  /** Of what a policy that samples draws; 0 when left out. */
  readonly seed?: number;
  /** Takes the action in place of the policy's own selection: an index, or the number before tanh. */
  readonly choose?: (input: DecisionInput) => number;
}

/** Everything a policy knows of a training; plain JSON. */
export type PolicyState = {
  readonly rate: number;
  readonly decisions: number;
  readonly lastAction: number;
  readonly window: FeatureState;
};

/** The factor that an action multiplies the rate by. */
export function factorOf(actions: PolicyDocument["actions"], action: number): number {
  if (actions.kind === "continuous") return Math.exp(Math.log(actions.most) * Math.tanh(action));
  const factor = actions.factors[action];
  if (factor === undefined)
    throw new RangeError(`an action must be from 0 to ${actions.factors.length - 1}, got ${action}`);
  return factor;
}

/**
 * A policy at work: after every k steps but the last ones it looks at the features of the k steps, and multiplies the rate by the factor of its
 * action, within the base rate times its range.
 */
export function policyScheduler(
  policy: PolicyDocument,
  { learningRate: baseRate, steps, seed = 0, choose = ownChoice(policy, seed) }: PolicySchedulerOptions,
): Scheduler<PolicyState> {
  const lowest = baseRate * policy.range.lowest;
  const highest = baseRate * policy.range.highest;
  return {
    init: () => ({ rate: baseRate, decisions: 0, lastAction: 0, window: noFeatures }),
    learningRate: ({ rate }) => rate,
    update(state, observation) {
      const seen = observed(state.window, observation, state.rate);
      const step = observation.step + 1;
      if (step % policy.every !== 0 || step >= steps) return { ...state, window: seen };
      const { rate, lastAction, decisions } = state;
      const closed = closeWindow(seen, policy.sees, { rate, baseRate, step, steps, lastAction });
      const output = forward(policy.actor, normalisedFeatures(closed.features, policy.normalisation));
      const factor = factorOf(policy.actions, choose({ features: closed.features, output, decision: decisions }));
      return {
        rate: Math.min(highest, Math.max(lowest, rate * factor)),
        decisions: decisions + 1,
        lastAction: Math.log(factor),
        window: closed.state,
      };
    },
  };
}

function ownChoice(policy: PolicyDocument, seed: number): (input: DecisionInput) => number {
  const { actions, selection, logDeviation = 0 } = policy;
  if (selection === "likeliest")
    return ({ output }) => (actions.kind === "discrete" ? largest(output) : (output[0] as number));
  const stream = randomStream({ seed, purpose: "policy" });
  return ({ output, decision }) =>
    actions.kind === "discrete"
      ? sampled(logProbabilities(output), stream.uniform(decision, 0))
      : (output[0] as number) + Math.exp(logDeviation) * stream.normal(decision, 0);
}

/** The action at a place u in [0, 1) of the distribution of these log-probabilities. */
export function sampled(logged: readonly number[], u: number): number {
  let left = u;
  for (let action = 0; action + 1 < logged.length; action++) {
    left -= Math.exp(logged[action] as number);
    if (left < 0) return action;
  }
  return logged.length - 1;
}

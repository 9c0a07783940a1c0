import type { Exploration } from "@stride/experiment";
import { randomStream, type Stream } from "@stride/random";
import {
  type DecisionInput,
  entropy,
  largest,
  logDensity,
  logProbabilities,
  normalEntropy,
  sampled,
} from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";

/** An action with how likely it was. */
export interface Choice {
  /** Index of the factor, or the number before tanh. */
  readonly action: number;
  /** Logarithm of its probability (density). */
  readonly logProbability: number;
  /** Of the distribution that it was taken from, in nats. */
  readonly entropy: number;
}

export interface ExploreOptions {
  readonly policy: PolicyDocument;
  readonly exploration: Exploration;
  /** Of what is drawn: the episode's. */
  readonly seed: number;
  /** The episode's place in its batch. */
  readonly index: number;
}

/** Takes the actions of one episode: functions of its seed, the decision's number and what the actor says. Throws RangeError on an exploration that the actions do not have. */
export function explorer({ policy, exploration, seed, index }: ExploreOptions): (input: DecisionInput) => Choice {
  const stream = randomStream({ seed, purpose: "exploration" });
  return policy.actions.kind === "discrete"
    ? amongFactors(policy.actions.factors.length, { policy, exploration, stream, index })
    : amongNumbers(policy.logDeviation ?? 0, { policy, exploration, stream });
}

interface Drawing {
  readonly policy: PolicyDocument;
  readonly exploration: Exploration;
  readonly stream: Stream;
}

function amongFactors(
  count: number,
  { policy, exploration, stream, index }: Drawing & { readonly index: number },
): (input: DecisionInput) => Choice {
  const certain = (action: number): Choice => ({ action, logProbability: 0, entropy: 0 });
  const drawn = ({ output, decision }: DecisionInput): Choice => {
    const logged = logProbabilities(output);
    const action = sampled(logged, stream.uniform(decision, 0));
    return { action, logProbability: logged[action] as number, entropy: entropy(logged) };
  };
  switch (exploration.kind) {
    case "policy":
      return drawn;
    case "epsilon":
      return ({ output, decision }) => {
        const { epsilon } = exploration;
        const best = largest(output);
        const logged = output.map((_, i) => Math.log(epsilon / count + (i === best ? 1 - epsilon : 0)));
        const action = stream.uniform(decision, 0) < epsilon ? Math.floor(stream.uniform(decision, 1) * count) : best;
        return { action, logProbability: logged[action] as number, entropy: entropy(logged) };
      };
    case "constant":
      return () => certain(index % count);
    case "none":
      return policy.selection === "sample" ? drawn : ({ output }) => certain(largest(output));
  }
}

function amongNumbers(
  logDeviation: number,
  { policy, exploration, stream }: Drawing,
): (input: DecisionInput) => Choice {
  const drawn = ({ output, decision }: DecisionInput): Choice => {
    const mean = output[0] as number;
    const action = mean + Math.exp(logDeviation) * stream.normal(decision, 0);
    return {
      action,
      logProbability: logDensity(action, { mean, logDeviation }),
      entropy: normalEntropy(logDeviation),
    };
  };
  switch (exploration.kind) {
    case "policy":
      return drawn;
    case "none":
      return policy.selection === "sample"
        ? drawn
        : ({ output }) => ({ action: output[0] as number, logProbability: 0, entropy: 0 });
    default:
      throw new RangeError(`continuous actions cannot be explored by ${exploration.kind}`);
  }
}

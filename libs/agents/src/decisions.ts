import { InvalidArgument, type RecordedEpisode } from "@stride/experiment";
import type { PolicyDocument } from "@stride/schedules/spec";

/** Decisions of episodes end to end, in their order: N of them. */
export interface Decisions {
  readonly count: number;
  /** As they were seen, `[N, F]`. */
  readonly features: Float32Array;
  /** `[N]` each, as in an `Episode`. */
  readonly actions: Float32Array;
  readonly logProbabilities: Float32Array;
  readonly rewards: Float32Array;
  /** 1 for the last decision of an episode, else 0, `[N]`. */
  readonly last: Uint8Array;
}

/** Throws `InvalidArgument` when an episode's features are not those of the policy. */
export function decisionsOf(episodes: readonly RecordedEpisode[], policy: PolicyDocument): Decisions {
  const width = policy.normalisation.mean.length;
  for (const { decisions, features } of episodes) {
    if (features.length !== decisions * width) {
      const got = features.length / decisions;
      throw new InvalidArgument(`an episode's features must be the ${width} of its policy, got ${got} a decision`);
    }
  }
  return {
    count: episodes.reduce((sum, { decisions }) => sum + decisions, 0),
    features: joined(episodes.map(({ features }) => features)),
    actions: joined(episodes.map(({ actions }) => actions)),
    logProbabilities: joined(episodes.map(({ logProbabilities }) => logProbabilities)),
    rewards: joined(episodes.map(({ rewards }) => rewards)),
    last: Uint8Array.from(
      episodes.flatMap(({ decisions }) => Array.from({ length: decisions }, (_, t) => (t + 1 === decisions ? 1 : 0))),
    ),
  };
}

/** Indices of actions as rows with a one, `[N, choices]`. */
export function oneHot(actions: Float32Array, choices: number): Float32Array {
  const rows = new Float32Array(actions.length * choices);
  actions.forEach((action, i) => {
    if (!Number.isInteger(action) || action < 0 || action >= choices) {
      throw new InvalidArgument(`an action must be an integer from 0 to ${choices - 1}, got ${action}`);
    }
    rows[i * choices + action] = 1;
  });
  return rows;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

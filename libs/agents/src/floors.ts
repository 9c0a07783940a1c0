import { type RecordedEpisode, returnOf, type UpdateStatistics } from "@stride/experiment";
import type { PolicyDocument } from "@stride/schedules/spec";
import { mean, meanReturn } from "./summaries.js";

/** What learning brings, whatever learns. */
export interface Learned {
  readonly policy: PolicyDocument;
  readonly statistics: UpdateStatistics;
}

/** What the floors tell. */
export const floorStatistics: Readonly<Record<string, string>> = {
  episodes: "episodes seen",
  meanReturn: "mean over the episodes of the sum of their rewards",
  bestAction: "number of the action that was best when it was taken all along, from 0",
  bestReturn: "its mean return",
};

/** A floor: every action equally likely, for ever. */
export function updateRandom(policy: PolicyDocument, episodes: readonly RecordedEpisode[]): Learned {
  const statistics = { episodes: episodes.length, meanReturn: meanReturn(episodes) };
  return { policy: { ...saying(policy, () => 0), selection: "sample" }, statistics };
}

/** A floor: the action whose episodes, in which it was taken all along, had the best mean return; the first of equals. */
export function updateBestConstant(policy: PolicyDocument, episodes: readonly RecordedEpisode[]): Learned {
  const byAction = new Map<number, number[]>();
  for (const episode of episodes) {
    const action = episode.actions[0];
    if (action !== undefined) byAction.set(action, [...(byAction.get(action) ?? []), returnOf(episode)]);
  }
  const means = [...byAction]
    .map(([action, returns]) => ({ action, meanReturn: mean(returns) }))
    .sort((left, right) => right.meanReturn - left.meanReturn || left.action - right.action);
  const [best] = means;
  const told = { episodes: episodes.length, meanReturn: meanReturn(episodes) };
  if (best === undefined) return { policy, statistics: told };
  const statistics = { ...told, bestAction: best.action, bestReturn: best.meanReturn };
  return { policy: saying(policy, (action) => (action === best.action ? 1 : 0)), statistics };
}

/** The policy with an actor that says the same whatever it sees: weights of 0, and these biases. */
function saying(policy: PolicyDocument, biasOf: (action: number) => number): PolicyDocument {
  const actor = policy.actor.map(({ weights, biases }, depth) => ({
    weights: weights.map((row) => row.map(() => 0)),
    biases: biases.map((_, i) => (depth + 1 === policy.actor.length ? biasOf(i) : 0)),
  }));
  return { ...policy, actor };
}

import { featureNames } from "@stride/schedules/spec";
import { InvalidArgument } from "../errors.js";
import type { Episode, EpisodeBatch } from "./domain.js";

/**
 * Throws `InvalidArgument` on episodes that are not a batch's: one for each start, in their order, with as many numbers a decision as there are features,
 * one in each other column, and finite rewards.
 */
export function requireEpisodes({ cohortId, starts, environment }: EpisodeBatch, episodes: readonly Episode[]): void {
  if (episodes.length !== starts.length || episodes.some(({ index }, i) => index !== i)) {
    throw new InvalidArgument(
      `episodes must be one for each of the ${starts.length} starts of batch ${cohortId}, in their order, got ${episodes.length}`,
    );
  }
  const width = featureNames(environment.sees).length;
  for (const { index, decisions, features, actions, logProbabilities, entropies, rewards } of episodes) {
    const columns = [actions, logProbabilities, entropies, rewards];
    if (features.length !== width * decisions || columns.some(({ length }) => length !== decisions)) {
      throw new InvalidArgument(
        `episode ${index} of batch ${cohortId} must have ${width} features and one number a decision, of ${decisions} decisions`,
      );
    }
    const wrong = rewards.find((reward) => !Number.isFinite(reward));
    if (wrong !== undefined) {
      throw new InvalidArgument(`rewards of episode ${index} of batch ${cohortId} must be finite, got ${wrong}`);
    }
  }
}

import { InvalidArgument } from "../errors.js";
import type { Episode } from "./domain.js";

/** Throws `InvalidArgument` on episodes that are not a batch's: one for each start, in their order, with one number a decision in each column. */
export function requireEpisodes(cohortId: string, episodes: readonly Episode[], count: number): void {
  if (episodes.length !== count || episodes.some(({ index }, i) => index !== i)) {
    throw new InvalidArgument(
      `episodes must be one for each of the ${count} starts of batch ${cohortId}, in their order, got ${episodes.length}`,
    );
  }
  const width = episodes.find(({ decisions }) => decisions > 0);
  const features = width === undefined ? 0 : width.features.length / width.decisions;
  for (const { index, decisions, ...columns } of episodes) {
    const whole =
      columns.features.length === features * decisions &&
      [columns.actions, columns.logProbabilities, columns.entropies, columns.rewards].every(
        ({ length }) => length === decisions,
      );
    if (!whole) {
      throw new InvalidArgument(
        `episode ${index} of batch ${cohortId} must have one number a decision (and ${features} features)`,
      );
    }
  }
}

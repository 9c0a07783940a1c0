import {
  type Answer,
  type AttemptKey,
  type Episode,
  InvalidArgument,
  iterationWork,
  requireEpisodes,
} from "@stride/experiment";
import type { Database } from "../database.js";
import { finishOnce } from "../finish-once.js";
import { addEpisodes } from "./queries/add-episodes.js";
import { workPlace } from "./queries/agent-work.js";

/** Records a batch's episodes in one transaction, or none. Throws `InvalidArgument` on others than the batch's. */
export function finishEpisodes(
  database: Database,
  { cohortId, token, episodes }: AttemptKey & { readonly episodes: readonly Episode[] },
): Promise<Answer> {
  return finishOnce(database, { cohortId, token }, async (transaction, { cohortKey }) => {
    const place = await workPlace(transaction, cohortKey);
    if (place?.kind !== "episodes") throw new InvalidArgument(`${cohortId} is no batch of episodes`);
    const { studyKey, iteration, sweep, position } = place;
    // Which policy acted is no matter to what is recorded here.
    const work = iterationWork(sweep, iteration, { policy: "", target: "" });
    const batch = work.batches.find((each) => each.position === position);
    if (batch === undefined)
      throw new Error(`there is no batch ${position} in iteration ${iteration} of ${sweep.study}`);
    requireEpisodes(batch, episodes);
    await addEpisodes(transaction, { cohortKey, studyKey, batch, episodes });
    const diverged = episodes.filter((episode) => episode.diverged).length;
    return { completed: episodes.length - diverged, diverged };
  });
}

import {
  type Answer,
  type AttemptKey,
  type Episode,
  InvalidArgument,
  iterationWork,
  requireEpisodes,
} from "@stride/experiment";
import type { Database } from "../database.js";
import { endAttempt } from "../queries/end-attempt.js";
import { finishCohort } from "../queries/finish-cohort.js";
import { attemptState, lockCohort } from "../queries/lock-cohort.js";
import { settledAnswer } from "../settled-answer.js";
import { addEpisodes } from "./queries/add-episodes.js";
import { workPlace } from "./queries/agent-work.js";

/** Records a batch's episodes in one transaction, or none. Throws `InvalidArgument` on others than the batch's. */
export function finishEpisodes(
  database: Database,
  { cohortId, token, episodes }: AttemptKey & { readonly episodes: readonly Episode[] },
): Promise<Answer> {
  return database.transaction(async (transaction) => {
    const cohort = await lockCohort(transaction, cohortId);
    if (cohort === undefined) return { kind: "superseded" };
    const { cohortKey } = cohort;
    const attempt = await attemptState(transaction, { cohortKey, token });
    if (attempt?.ending === "finished") return { kind: "continue" };
    if (attempt?.ending !== null || token !== cohort.token) return settledAnswer(cohort, { token, attempt });
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
    await finishCohort(transaction, { cohortKey, completed: episodes.length - diverged, diverged });
    await endAttempt(transaction, { cohortKey, token, ending: "finished" });
    return { kind: "continue" };
  });
}

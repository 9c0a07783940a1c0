import { type Answer, type AttemptKey, InvalidArgument, type TrialResult } from "@stride/experiment";
import type { Database } from "./database.js";
import { finishOnce } from "./finish-once.js";
import { recordResults } from "./queries/record-results.js";

/**
 * Records all the cohort's results in one transaction, or none. Work that is done counts even when its study was paused
 * meanwhile. Throws `InvalidArgument` when the results are not one for each of the cohort's trials.
 */
export function finishAttempt(
  database: Database,
  { cohortId, token, results }: AttemptKey & { readonly results: readonly TrialResult[] },
): Promise<Answer> {
  return finishOnce(database, { cohortId, token }, async (transaction, { cohortKey, kind, trialCount }) => {
    if (kind !== "trials") throw new InvalidArgument(`${cohortId} is no cohort of trials`);
    const recorded = await recordResults(transaction, { cohortKey, results });
    if (recorded !== trialCount || results.length !== recorded) {
      throw new InvalidArgument(
        `results must be one for each of the ${trialCount} trials of cohort ${cohortId}, got ${results.length}`,
      );
    }
    const diverged = results.filter(({ outcome }) => outcome.kind === "diverged").length;
    return { completed: recorded - diverged, diverged };
  });
}

import { type Answer, type AttemptKey, InvalidArgument, type TrialResult } from "@stride/experiment";
import type { Database } from "./database.js";
import { endAttempt } from "./queries/end-attempt.js";
import { finishCohort } from "./queries/finish-cohort.js";
import { attemptState, lockCohort } from "./queries/lock-cohort.js";
import { recordResults } from "./queries/record-results.js";
import { settledAnswer } from "./settled-answer.js";

/**
 * Records all the cohort's results in one transaction, or none. Work that is done counts even when its study was paused
 * meanwhile. Throws `InvalidArgument` when the results are not one for each of the cohort's trials.
 */
export function finishAttempt(
  database: Database,
  { cohortId, token, results }: AttemptKey & { readonly results: readonly TrialResult[] },
): Promise<Answer> {
  return database.transaction(async (transaction) => {
    const cohort = await lockCohort(transaction, cohortId);
    if (cohort === undefined) return { kind: "superseded" };
    const { cohortKey } = cohort;
    const attempt = await attemptState(transaction, { cohortKey, token });
    if (attempt?.ending === "finished") return { kind: "continue" };
    if (attempt?.ending !== null || token !== cohort.token) return settledAnswer(cohort, { token, attempt });
    if (cohort.kind !== "trials") throw new InvalidArgument(`${cohortId} is no cohort of trials`);
    const recorded = await recordResults(transaction, { cohortKey, results });
    if (recorded !== cohort.trialCount || results.length !== recorded) {
      throw new InvalidArgument(
        `results must be one for each of the ${cohort.trialCount} trials of cohort ${cohortId}, got ${results.length}`,
      );
    }
    const diverged = results.filter(({ outcome }) => outcome.kind === "diverged").length;
    await finishCohort(transaction, { cohortKey, completed: recorded - diverged, diverged });
    await endAttempt(transaction, { cohortKey, token, ending: "finished" });
    return { kind: "continue" };
  });
}

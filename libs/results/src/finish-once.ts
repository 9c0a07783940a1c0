import type { Answer, AttemptKey } from "@stride/experiment";
import type { Database, Queryable } from "./database.js";
import { endAttempt } from "./queries/end-attempt.js";
import { finishCohort } from "./queries/finish-cohort.js";
import { attemptState, type LockedCohort, lockCohort } from "./queries/lock-cohort.js";
import { settledAnswer } from "./settled-answer.js";

/** How what was recorded ended: trials, or episodes. */
export interface Ended {
  readonly completed: number;
  readonly diverged: number;
}

/**
 * Has `record` write what an attempt found, and ends the attempt and its cohort, in one transaction, or none of it. A repetition, and an attempt
 * that may record nothing more, are answered without it.
 */
export function finishOnce(
  database: Database,
  { cohortId, token }: AttemptKey,
  record: (transaction: Queryable, cohort: LockedCohort) => Promise<Ended>,
): Promise<Answer> {
  return database.transaction(async (transaction) => {
    const cohort = await lockCohort(transaction, cohortId);
    if (cohort === undefined) return { kind: "superseded" };
    const { cohortKey } = cohort;
    const attempt = await attemptState(transaction, { cohortKey, token });
    if (attempt?.ending === "finished") return { kind: "continue" };
    if (attempt?.ending !== null || token !== cohort.token) return settledAnswer(cohort, { token, attempt });
    const ended = await record(transaction, cohort);
    await finishCohort(transaction, { cohortKey, ...ended });
    await endAttempt(transaction, { cohortKey, token, ending: "finished" });
    return { kind: "continue" };
  });
}

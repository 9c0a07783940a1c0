import type { Queryable } from "../database.js";

export interface FinishCohort {
  readonly cohortKey: number;
  readonly completed: number;
  readonly diverged: number;
}

/** The cohort must be locked, its results recorded. */
export async function finishCohort(transaction: Queryable, cohort: FinishCohort): Promise<void> {
  await transaction.query({
    name: "finish-cohort",
    text: "update stride.cohorts set state = 'finished', completed = $2, diverged = $3 where cohort_key = $1",
    values: [cohort.cohortKey, cohort.completed, cohort.diverged],
  });
}

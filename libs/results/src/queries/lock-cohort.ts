import type { CohortState, StudyState } from "@stride/experiment";
import type { Queryable } from "../database.js";

/** A cohort with its study's state, locked until the transaction ends: its attempts begin and end one after the other. */
export interface LockedCohort {
  readonly cohortKey: number;
  readonly state: CohortState;
  readonly token: number;
  readonly forgivenToken: number;
  readonly trialCount: number;
  readonly studyState: StudyState;
  /** Trials, or an agent's work. */
  readonly kind: "trials" | "episodes" | "update";
}

/** Undefined when there is no such cohort. Everything that ends an attempt locks the cohort first, then the attempt. */
export async function lockCohort(transaction: Queryable, cohortId: string): Promise<LockedCohort | undefined> {
  const [cohort] = await transaction.query<LockedCohort>({
    name: "lock-cohort",
    text: `
      select c.cohort_key as "cohortKey", c.state, c.token, c.forgiven_token as "forgivenToken",
        c.trial_count as "trialCount", s.state as "studyState", c.kind
      from stride.cohorts c join stride.studies s using (study_key)
      where c.cohort_id = $1
      for no key update of c`,
    values: [cohortId],
  });
  return cohort;
}

/** How an attempt stands: `ending` is null while it is open. */
export interface AttemptState {
  readonly ending: "finished" | "failed" | "handed-back" | "interrupted" | "superseded" | null;
}

/** Undefined when there was no such attempt. */
export async function attemptState(
  transaction: Queryable,
  { cohortKey, token }: { readonly cohortKey: number; readonly token: number },
): Promise<AttemptState | undefined> {
  const [attempt] = await transaction.query<AttemptState>({
    name: "attempt-state",
    text: "select ending from stride.attempts where cohort_key = $1 and token = $2",
    values: [cohortKey, token],
  });
  return attempt;
}

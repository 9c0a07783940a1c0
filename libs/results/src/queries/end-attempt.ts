import type { Queryable } from "../database.js";
import type { AttemptState } from "./lock-cohort.js";

export interface EndAttempt {
  readonly cohortKey: number;
  readonly token: number;
  readonly ending: Exclude<AttemptState["ending"], null>;
  readonly message?: string;
}

/** Ends an attempt that is open; changes nothing when it has ended already. The cohort must be locked. */
export async function endAttempt(transaction: Queryable, attempt: EndAttempt): Promise<void> {
  await transaction.query({
    name: "end-attempt",
    text: `
      update stride.attempts set ending = $3, ended_at = clock_timestamp(), message = $4
      where cohort_key = $1 and token = $2 and ending is null`,
    values: [attempt.cohortKey, attempt.token, attempt.ending, attempt.message ?? null],
  });
}

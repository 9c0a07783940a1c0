import type { Queryable } from "../database.js";
import type { LockedCohort } from "./lock-cohort.js";

/**
 * Attempts that count against the cohort's limit: failed ones, and those whose worker was lost (still open, or taken over).
 * Not the ones handed back or interrupted by a pause, nor those before the last `retryFailed`.
 */
export async function countedAttempts(
  transaction: Queryable,
  { cohortKey, forgivenToken }: LockedCohort,
): Promise<number> {
  const [counted] = await transaction.query<{ readonly attempts: number }>({
    name: "counted-attempts",
    text: `
      select count(*) as attempts from stride.attempts
      where cohort_key = $1 and token > $2 and (ending is null or ending in ('failed', 'superseded'))`,
    values: [cohortKey, forgivenToken],
  });
  return counted?.attempts ?? 0;
}

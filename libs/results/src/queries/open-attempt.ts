import type { StartAttempt } from "@stride/experiment";
import type { Queryable } from "../database.js";

/** Writes a cohort's next attempt, its worker, and the cohort's new token; the cohort must be locked and free. */
export async function openAttempt(
  transaction: Queryable,
  { cohortKey, token, workerId, executor }: StartAttempt & { readonly cohortKey: number; readonly token: number },
): Promise<void> {
  await transaction.query({
    name: "open-attempt",
    text: `
      with worker as (
        insert into stride.workers as w (worker_id, executor, first_seen_at, last_seen_at)
        values ($3, $4, clock_timestamp(), clock_timestamp())
        on conflict (worker_id) do update set executor = excluded.executor, last_seen_at = excluded.last_seen_at
        returning last_seen_at as now
      ), cohort as (
        update stride.cohorts set token = $2, state = 'running' where cohort_key = $1
      )
      insert into stride.attempts (cohort_key, token, worker_id, executor, started_at, last_seen_at)
      select $1, $2, $3, $4, now, now from worker`,
    values: [cohortKey, token, workerId, executor],
  });
}

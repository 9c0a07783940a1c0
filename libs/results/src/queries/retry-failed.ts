import type { Queryable } from "../database.js";

/**
 * Plans the study's failed cohorts again, their attempts so far forgiven; returns how many trials they have. The study is locked:
 * one that is being cancelled meanwhile would otherwise keep planned cohorts for ever.
 */
export async function retryFailed(database: Queryable, name: string): Promise<number> {
  const [retried] = await database.query<{ readonly trials: number }>({
    text: `
      with study as (
        select study_key from stride.studies where name = $1 and state <> 'cancelled' for share
      ), retried as (
        update stride.cohorts c set state = 'planned', forgiven_token = c.token, waiting_since = clock_timestamp()
        from study s
        where s.study_key = c.study_key and c.state = 'failed'
        returning c.trial_count
      )
      select coalesce(sum(trial_count), 0) as trials from retried`,
    values: [name],
  });
  return retried?.trials ?? 0;
}

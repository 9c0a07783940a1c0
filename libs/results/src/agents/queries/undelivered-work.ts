import type { AgentSweep } from "@stride/experiment";
import type { Queryable } from "../../database.js";
import type { UndeliveredOptions } from "../../queries/undelivered-cohorts.js";

/** Unfinished work of one iteration; what is live has an attempt that was heard from within the lease. */
export interface UnfinishedIteration {
  readonly studyKey: number;
  readonly iteration: number;
  readonly sweep: AgentSweep;
  readonly work: readonly { readonly cohortId: string; readonly live: boolean }[];
}

/** Iterations of running studies with unfinished work that nobody is at, the oldest first. */
export function undeliveredWork(
  database: Queryable,
  { leaseMs, limit, studyName }: UndeliveredOptions,
): Promise<readonly UnfinishedIteration[]> {
  return database.query<UnfinishedIteration>({
    name: "undelivered-work",
    text: `
      select c.study_key as "studyKey", c.iteration, s.sweep,
        jsonb_agg(jsonb_build_object('cohortId', c.cohort_id, 'live', a.cohort_key is not null) order by c.cohort_key) as work
      from stride.cohorts c
      join stride.studies s using (study_key)
      left join stride.attempts a on a.cohort_key = c.cohort_key and a.token = c.token and a.ending is null
        and a.last_seen_at > clock_timestamp() - $1::float8 * interval '1 millisecond'
      where s.state = 'running' and c.state in ('planned', 'running') and c.kind <> 'trials' and ($3::text is null or s.name = $3)
      group by c.study_key, c.iteration, s.sweep
      having bool_or(a.cohort_key is null)
      order by c.study_key, c.iteration
      limit $2`,
    values: [leaseMs, limit, studyName ?? null],
  });
}

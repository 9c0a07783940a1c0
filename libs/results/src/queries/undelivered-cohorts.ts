import type { Queryable } from "../database.js";

export interface UndeliveredOptions {
  readonly leaseMs: number;
  readonly limit: number;
  readonly studyName?: string;
}

/** Keys of the unfinished cohorts of running studies without an attempt heard from within the lease, the oldest first. */
export async function undeliveredCohorts(
  database: Queryable,
  { leaseMs, limit, studyName }: UndeliveredOptions,
): Promise<readonly number[]> {
  const rows = await database.query<{ readonly cohortKey: number }>({
    name: "undelivered-cohorts",
    text: `
      select c.cohort_key as "cohortKey"
      from stride.cohorts c join stride.studies s using (study_key)
      where s.state = 'running' and c.state in ('planned', 'running') and c.kind = 'trials' and ($3::text is null or s.name = $3)
        and not exists (
          select from stride.attempts a
          where a.cohort_key = c.cohort_key and a.token = c.token and a.ending is null
            and a.last_seen_at > clock_timestamp() - $1::float8 * interval '1 millisecond'
        )
      order by c.cohort_key
      limit $2`,
    values: [leaseMs, limit, studyName ?? null],
  });
  return rows.map(({ cohortKey }) => cohortKey);
}

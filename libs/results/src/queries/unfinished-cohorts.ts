import type { Queryable } from "../database.js";

/** A cohort of a running study that is not finished, with its open attempt where there is one. */
export interface UnfinishedCohort {
  readonly study: string;
  readonly cohortId: string;
  readonly kind: "trials" | "episodes" | "update";
  readonly trials: number;
  readonly steps: number;
  /** Of its newest attempt; 0 before the first. */
  readonly token: number;
  readonly waitingSince: Date;
  readonly attempt: OpenAttempt | null;
}

export interface OpenAttempt {
  readonly workerId: string;
  readonly executor: string;
  readonly step: number;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
}

interface CohortRow extends Omit<UnfinishedCohort, "attempt">, Omit<OpenAttempt, "workerId"> {
  readonly workerId: string | null;
}

/** Those that are worked on first, the longest first; at most `limit` of them. */
export async function unfinishedCohorts(database: Queryable, limit: number): Promise<readonly UnfinishedCohort[]> {
  const rows = await database.query<CohortRow>({ name: "unfinished-cohorts", text: cohortsText, values: [limit] });
  return rows.map(({ workerId, executor, step, startedAt, lastSeenAt, ...cohort }) => ({
    ...cohort,
    attempt: workerId === null ? null : { workerId, executor, step, startedAt, lastSeenAt },
  }));
}

const cohortsText = `
  select s.name as study, c.cohort_id as "cohortId", c.kind, c.trial_count as trials, c.steps, c.token,
    greatest(c.waiting_since, s.resumed_at) as "waitingSince",
    a.worker_id as "workerId", a.executor, a.step, a.started_at as "startedAt", a.last_seen_at as "lastSeenAt"
  from stride.cohorts c
  join stride.studies s using (study_key)
  left join stride.attempts a on a.cohort_key = c.cohort_key and a.token = c.token and a.ending is null
  where s.state = 'running' and c.state in ('planned', 'running')
  order by a.started_at nulls last, c.cohort_key
  limit $1`;

import type { StudyState, StudyStatus } from "@stride/experiment";
import type { Queryable } from "../database.js";

interface StatusRow {
  readonly name: string;
  readonly state: StudyState;
  readonly createdAt: Date;
  readonly planned: number;
  readonly running: number;
  readonly completed: number;
  readonly diverged: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly stepsPlanned: number;
  readonly stepsDone: number;
  readonly cohorts: number;
  readonly unfinishedCohorts: number;
}

/**
 * Status of one study, or of all, the oldest first: sums over cohorts, which are a small fraction of the trials. The steps of
 * a finished cohort count as all done, a diverged trial's too: nothing of them is left to wait for.
 */
export async function studyStatuses(database: Queryable, name?: string): Promise<readonly StudyStatus[]> {
  const rows = await database.query<StatusRow>({ name: "study-statuses", text: statuses, values: [name ?? null] });
  return rows.map(({ planned, running, completed, diverged, failed, cancelled, ...rest }) => ({
    ...rest,
    trials: { planned, running, completed, diverged, failed, cancelled },
  }));
}

const statuses = `
  select s.name, s.state, s.created_at as "createdAt",
    coalesce(sum(c.trial_count) filter (where c.state = 'planned'), 0) as planned,
    coalesce(sum(c.trial_count) filter (where c.state = 'running'), 0) as running,
    coalesce(sum(c.completed), 0) as completed,
    coalesce(sum(c.diverged), 0) as diverged,
    coalesce(sum(c.trial_count) filter (where c.state = 'failed'), 0) as failed,
    coalesce(sum(c.trial_count) filter (where c.state = 'cancelled'), 0) as cancelled,
    coalesce(sum(c.trial_count::float8 * c.steps), 0) as "stepsPlanned",
    coalesce(sum(c.trial_count::float8 * case when c.state = 'finished' then c.steps else coalesce(a.step, 0) end), 0)
      as "stepsDone",
    count(c.cohort_key) as cohorts,
    count(*) filter (where c.state in ('planned', 'running')) as "unfinishedCohorts"
  from stride.studies s
  left join stride.cohorts c using (study_key)
  left join stride.attempts a
    on a.cohort_key = c.cohort_key and a.token = c.token and a.ending is null and c.state = 'running'
  where $1::text is null or s.name = $1
  group by s.study_key
  order by s.study_key`;

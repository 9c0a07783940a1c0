import type { Queryable } from "../database.js";

export interface NewCohort {
  readonly cohortId: string;
  readonly trialCount: number;
  readonly steps: number;
}

/** Adds the cohorts that are new, in this order, and returns the keys of those by id. */
export async function addCohorts(
  transaction: Queryable,
  { studyKey, cohorts }: { readonly studyKey: number; readonly cohorts: readonly NewCohort[] },
): Promise<ReadonlyMap<string, number>> {
  const rows = await transaction.query<{ readonly cohortId: string; readonly cohortKey: number }>({
    text: `
      insert into stride.cohorts (study_key, cohort_id, trial_count, steps)
      select $1::int, cohort_id, trial_count, steps
      from unnest($2::text[], $3::int[], $4::int[]) with ordinality as c (cohort_id, trial_count, steps, place)
      order by place
      on conflict do nothing
      returning cohort_id as "cohortId", cohort_key as "cohortKey"`,
    values: [
      studyKey,
      cohorts.map(({ cohortId }) => cohortId),
      cohorts.map(({ trialCount }) => trialCount),
      cohorts.map(({ steps }) => steps),
    ],
  });
  return new Map(rows.map(({ cohortId, cohortKey }) => [cohortId, cohortKey]));
}

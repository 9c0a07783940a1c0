import type { Queryable } from "../../database.js";

/**
 * Where this cohort is a training batch, which has just failed, fails the update that waits for it: else its study would wait for ever. A retry plans
 * both again. An update that failed already is locked too, so that a retry at the same time does not plan it without its batch.
 */
export async function failUpdate(transaction: Queryable, cohortKey: number): Promise<void> {
  await transaction.query({
    name: "fail-update",
    text: `
      update stride.cohorts u set state = 'failed'
      from stride.cohorts b join stride.studies s using (study_key)
      where b.cohort_key = $1 and b.kind = 'episodes' and b.position < (s.sweep #>> '{episodes,batches}')::int
        and u.study_key = b.study_key and u.iteration = b.iteration and u.kind = 'update' and u.state in ('planned', 'failed')`,
    values: [cohortKey],
  });
}

import type { Queryable } from "../database.js";

/** Cancels a study's unfinished cohorts and interrupts their attempts; cohorts are locked before attempts, as everywhere. */
export async function cancelCohorts(transaction: Queryable, name: string): Promise<void> {
  const unfinished = "s.study_key = c.study_key and s.name = $1 and c.state in ('planned', 'running')";
  // An update of an agent that is being recorded plans the next iteration, which only a statement after its end sees.
  await transaction.query({
    text: `select from stride.cohorts c, stride.studies s where ${unfinished} order by c.cohort_key for no key update of c`,
    values: [name],
  });
  await transaction.query({
    text: `update stride.cohorts c set state = 'cancelled' from stride.studies s where ${unfinished}`,
    values: [name],
  });
  await transaction.query({
    text: `
      update stride.attempts a set ending = 'interrupted', ended_at = clock_timestamp()
      from stride.cohorts c join stride.studies s using (study_key)
      where a.cohort_key = c.cohort_key and s.name = $1 and c.state = 'cancelled' and a.ending is null`,
    values: [name],
  });
}

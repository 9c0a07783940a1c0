import type { Queryable } from "../database.js";

/** Deletes what earlier attempts of the cohort reported; none of them may be open any more. */
export async function forgetReports(transaction: Queryable, cohortKey: number): Promise<void> {
  for (const table of ["curve_chunks", "evaluations"]) {
    await transaction.query({
      name: `forget-${table}`,
      text: `
        delete from stride.${table}
        where trial_key in (select trial_key from stride.trials where cohort_key = $1)`,
      values: [cohortKey],
    });
  }
}

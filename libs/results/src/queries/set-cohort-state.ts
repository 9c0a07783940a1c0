import type { CohortState } from "@stride/experiment";
import type { Queryable } from "../database.js";

/** The cohort must be locked. */
export async function setCohortState(
  transaction: Queryable,
  { cohortKey, state }: { readonly cohortKey: number; readonly state: CohortState },
): Promise<void> {
  await transaction.query({
    name: "set-cohort-state",
    text: `
      update stride.cohorts
      set state = $2::stride.cohort_state,
        waiting_since = case when $2::stride.cohort_state = 'planned' then clock_timestamp() else waiting_since end
      where cohort_key = $1`,
    values: [cohortKey, state],
  });
}

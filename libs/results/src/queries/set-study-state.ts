import type { StudyState } from "@stride/experiment";
import type { Queryable } from "../database.js";

/** Sets the state of a study that is not cancelled. */
export async function setState(
  transaction: Queryable,
  { name, state }: { readonly name: string; readonly state: StudyState },
): Promise<void> {
  await transaction.query({
    text: `
      update stride.studies
      set state = $2::stride.study_state, resumed_at = case when $2::stride.study_state = 'running' and state <> 'running' then clock_timestamp() else resumed_at end
      where name = $1 and state <> 'cancelled'`,
    values: [name, state],
  });
}

import type { AgentSweep } from "@stride/experiment";
import type { Queryable } from "../../database.js";

/** An agent's work as it is stored: where it stands in its study. The cohort must be locked by whoever changes it. */
export interface WorkPlace {
  readonly studyKey: number;
  readonly kind: "trials" | "episodes" | "update";
  readonly iteration: number;
  readonly position: number;
  readonly sweep: AgentSweep;
}

/** Undefined for an unknown cohort. */
export async function workPlace(transaction: Queryable, cohortKey: number): Promise<WorkPlace | undefined> {
  const [place] = await transaction.query<WorkPlace>({
    name: "agent-work-place",
    text: `
      select c.study_key as "studyKey", c.kind, c.iteration, c.position, s.sweep
      from stride.cohorts c join stride.studies s using (study_key)
      where c.cohort_key = $1`,
    values: [cohortKey],
  });
  return place;
}

/** Training batches of an iteration that are not finished. */
export async function unfinishedTraining(
  transaction: Queryable,
  { studyKey, iteration, sweep }: Pick<WorkPlace, "studyKey" | "iteration" | "sweep">,
): Promise<number> {
  const [counted] = await transaction.query<{ readonly count: number }>({
    name: "unfinished-training",
    text: `
      select count(*) as count from stride.cohorts
      where study_key = $1 and iteration = $2 and kind = 'episodes' and position < $3 and state <> 'finished'`,
    values: [studyKey, iteration, sweep.episodes.batches],
  });
  return counted?.count ?? 0;
}

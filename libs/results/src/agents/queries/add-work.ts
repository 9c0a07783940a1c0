import type { IterationWork } from "@stride/experiment";
import type { Queryable } from "../../database.js";

/** Adds the rows of an iteration's work; those that are there stay. */
export async function addWork(
  transaction: Queryable,
  { studyKey, work }: { readonly studyKey: number; readonly work: IterationWork },
): Promise<void> {
  const rows = [
    ...work.batches.map(({ cohortId, iteration, position, starts, environment }) => ({
      cohortId,
      kind: "episodes",
      iteration,
      position,
      count: starts.length,
      steps: environment.steps,
    })),
    ...(work.update === undefined ? [] : [updateRow(work.update)]),
  ];
  await transaction.query({
    text: `
      insert into stride.cohorts (study_key, cohort_id, kind, iteration, position, trial_count, steps)
      select $1::int, cohort_id, kind::stride.cohort_kind, iteration, position, trial_count, steps
      from unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::int[]) with ordinality
        as c (cohort_id, kind, iteration, position, trial_count, steps, place)
      order by place
      on conflict (cohort_id) do nothing`,
    values: [
      studyKey,
      rows.map(({ cohortId }) => cohortId),
      rows.map(({ kind }) => kind),
      rows.map(({ iteration }) => iteration),
      rows.map(({ position }) => position),
      rows.map(({ count }) => count),
      rows.map(({ steps }) => steps),
    ],
  });
}

function updateRow({ cohortId, iteration }: NonNullable<IterationWork["update"]>) {
  return { cohortId, kind: "update", iteration, position: 0, count: 0, steps: 0 };
}

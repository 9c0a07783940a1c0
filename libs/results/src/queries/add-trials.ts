import type { Split } from "@stride/experiment";
import type { Queryable } from "../database.js";

export interface NewTrial {
  readonly trialId: string;
  readonly cohortKey: number;
  readonly configurationKey: number;
  /** Its place in the cohort, from 0. */
  readonly position: number;
  readonly split: Split;
  readonly seed: number;
}

/** Adds trials, none of which is there yet. */
export async function addTrials(
  transaction: Queryable,
  { studyKey, trials }: { readonly studyKey: number; readonly trials: readonly NewTrial[] },
): Promise<void> {
  await transaction.query({
    text: `
      insert into stride.trials (study_key, trial_id, cohort_key, configuration_key, position, split, seed)
      select $1::int, trial_id, cohort_key, configuration_key, position, split::stride.split, seed
      from unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::text[], $7::int8[])
        with ordinality as t (trial_id, cohort_key, configuration_key, position, split, seed, place)
      order by place`,
    values: [
      studyKey,
      trials.map(({ trialId }) => trialId),
      trials.map(({ cohortKey }) => cohortKey),
      trials.map(({ configurationKey }) => configurationKey),
      trials.map(({ position }) => position),
      trials.map(({ split }) => split),
      trials.map(({ seed }) => seed),
    ],
  });
}

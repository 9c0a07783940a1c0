import type { PlannedStudy, StudyState } from "@stride/experiment";
import type { Queryable } from "../database.js";

export interface StoredStudy {
  readonly studyKey: number;
  readonly state: StudyState;
}

/** Adds the study, or replaces the sweep of the one that is there, and locks it until the transaction ends. */
export async function putStudy(transaction: Queryable, { name, sweep, source }: PlannedStudy): Promise<StoredStudy> {
  const [study] = await transaction.query<StoredStudy>({
    text: `
      insert into stride.studies (name, sweep, source) values ($1, $2::jsonb, $3)
      on conflict (name) do update set sweep = excluded.sweep, source = excluded.source
      returning study_key as "studyKey", state`,
    values: [name, JSON.stringify(sweep), source],
  });
  return study as StoredStudy;
}

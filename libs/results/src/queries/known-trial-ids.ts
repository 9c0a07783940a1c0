import type { Queryable } from "../database.js";

/** Ids of the study's trials; empty for an unknown study. */
export async function knownTrialIds(database: Queryable, studyName: string): Promise<ReadonlySet<string>> {
  const rows = await database.query<{ readonly trialId: string }>({
    text: `
      select t.trial_id as "trialId"
      from stride.trials t join stride.studies s using (study_key)
      where s.name = $1`,
    values: [studyName],
  });
  return new Set(rows.map(({ trialId }) => trialId));
}

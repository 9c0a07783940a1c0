import type { Queryable } from "../database.js";

export interface TrialKey {
  readonly trialKey: number;
  readonly trialId: string;
}

/** The study's trials, or those of them that are named, in the order they were planned. */
export function trialKeys(
  database: Queryable,
  { studyName, trialIds }: { readonly studyName: string; readonly trialIds?: readonly string[] | undefined },
): Promise<readonly TrialKey[]> {
  return database.query<TrialKey>({
    text: `
      select t.trial_key as "trialKey", t.trial_id as "trialId"
      from stride.trials t join stride.studies s using (study_key)
      where s.name = $1 and ($2::text[] is null or t.trial_id = any($2))
      order by t.trial_key`,
    values: [studyName, trialIds ?? null],
  });
}

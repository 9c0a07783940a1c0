import type { TrialRow } from "@stride/experiment";
import type { Queryable } from "../database.js";

export interface TrialPage {
  readonly studyName: string;
  /** Rows after this key alone. */
  readonly after: number;
  readonly limit: number;
}

/** A row and the key to go on after. */
export type KeyedTrialRow = TrialRow & { readonly trialKey: number };

/** Trial summaries in the order they were planned. */
export function trialRows(
  database: Queryable,
  { studyName, after, limit }: TrialPage,
): Promise<readonly KeyedTrialRow[]> {
  return database.query<KeyedTrialRow>({
    text: `
      select t.trial_key as "trialKey", t.trial_id as "trialId", c.cohort_id as "cohortId", g.task, g.optimizer, g.noise,
        g.schedule, g.learning_rate as "learningRate", g.drawn, t.seed, t.split, coalesce(t.result::text, c.state::text) as outcome,
        coalesce(t.steps_taken, 0) as steps, t.final_evaluation_loss as "finalEvaluationLoss",
        t.best_evaluation_loss as "bestEvaluationLoss", t.area_under_curve as "areaUnderCurve",
        coalesce(t.forward_passes, 0) as "forwardPasses", coalesce(t.backward_passes, 0) as "backwardPasses",
        coalesce(t.seconds, 0) as seconds, c.token as attempts, a.executor
      from stride.trials t
      join stride.configurations g using (configuration_key)
      join stride.cohorts c using (cohort_key)
      left join stride.attempts a on a.cohort_key = c.cohort_key and a.token = c.token
      where t.study_key = (select study_key from stride.studies where name = $1) and t.trial_key > $2
      order by t.trial_key
      limit $3`,
    values: [studyName, after, limit],
  });
}

import type { TrialResult } from "@stride/experiment";
import { encodeDoubles } from "../binary-arrays.js";
import type { Queryable } from "../database.js";

/** Writes the summaries of a locked cohort's trials, and returns how many of its trials the results named. */
export async function recordResults(
  transaction: Queryable,
  { cohortKey, results }: { readonly cohortKey: number; readonly results: readonly TrialResult[] },
): Promise<number> {
  const doubles = (value: (result: TrialResult) => number) => encodeDoubles([Float64Array.from(results, value)]);
  const rows = await transaction.query({
    name: "record-results",
    text: `
      update stride.trials t
      set result = r.result::stride.result_kind, steps_taken = r.steps, final_evaluation_loss = r.final,
        best_evaluation_loss = r.best, area_under_curve = r.area, forward_passes = r.forward,
        backward_passes = r.backward, seconds = r.seconds
      from unnest($2::text[], $3::text[], $4::int[], $5::float8[], $6::float8[], $7::float8[], $8::int8[], $9::int8[],
        $10::float8[]) as r (trial_id, result, steps, final, best, area, forward, backward, seconds)
      where t.trial_id = r.trial_id and t.cohort_key = $1
      returning 1`,
    values: [
      cohortKey,
      results.map(({ trialId }) => trialId),
      results.map(({ outcome }) => outcome.kind),
      results.map(({ steps }) => steps),
      doubles(({ finalEvaluationLoss }) => finalEvaluationLoss),
      doubles(({ bestEvaluationLoss }) => bestEvaluationLoss),
      doubles(({ areaUnderCurve }) => areaUnderCurve),
      results.map(({ forwardPasses }) => forwardPasses),
      results.map(({ backwardPasses }) => backwardPasses),
      doubles(({ seconds }) => seconds),
    ],
  });
  return rows.length;
}

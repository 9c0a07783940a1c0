import type { Metric } from "@stride/statistics";
import { readDoubles, readIntegers } from "../binary-arrays.js";
import type { Queryable } from "../database.js";

/** All of a study's trials of one split, as columns: entry i of each belongs to one trial. In no order. */
export interface ScoreColumns {
  readonly report: boolean;
  readonly configurationKeys: Int32Array;
  readonly seeds: Float64Array;
  /** Lower is better; +Infinity for a diverged trial or a metric that is not finite, NaN for a trial without a value. */
  readonly values: Float64Array;
}

/**
 * `metricValue` of @stride/statistics, to the bit; a metric is there only with a result. (`stride.trial_value`, which the views
 * use, must keep Postgres from overflowing and underflowing.)
 */
const scoreOf = (metric: string) =>
  `case when result = 'diverged' or ${metric} in ('NaN', '-Infinity') then 'Infinity' else coalesce(${metric}, 'NaN') end`;

const columnOf: Readonly<Record<Metric, string>> = {
  finalEvaluationLoss: "final_evaluation_loss",
  bestEvaluationLoss: "best_evaluation_loss",
  areaUnderCurve: "area_under_curve",
};

/**
 * One row a split, each column as one string of bytes: as single rows, reading 100,000 trials takes longer than everything that is
 * done with them.
 */
export async function scoreColumns(
  database: Queryable,
  { studyName, metric }: { readonly studyName: string; readonly metric: Metric },
): Promise<readonly ScoreColumns[]> {
  const rows = await database.query<{
    readonly report: boolean;
    readonly configurationKeys: Buffer;
    readonly seeds: Buffer;
    readonly values: Buffer;
  }>({
    text: `
      select split = 'report' as report, string_agg(int4send(configuration_key), '') as "configurationKeys",
        string_agg(float8send(seed), '') as seeds, string_agg(float8send(${scoreOf(columnOf[metric])}), '') as values
      from stride.trials
      where study_key = (select study_key from stride.studies where name = $1)
      group by split`,
    values: [studyName],
  });
  return rows.map(({ report, configurationKeys, seeds, values }) => ({
    report,
    configurationKeys: readIntegers(configurationKeys),
    seeds: readDoubles(seeds),
    values: readDoubles(values),
  }));
}

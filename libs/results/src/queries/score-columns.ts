import type { SummaryMetric, TargetMetric } from "@stride/statistics";
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

const columnOf: Readonly<Record<SummaryMetric, string>> = {
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
  { studyName, metric }: { readonly studyName: string; readonly metric: SummaryMetric },
): Promise<readonly ScoreColumns[]> {
  const rows = await database.query<ColumnsRow>({
    text: `
      select split = 'report' as report, string_agg(int4send(configuration_key), '') as "configurationKeys",
        string_agg(float8send(seed), '') as seeds, string_agg(float8send(${scoreOf(columnOf[metric])}), '') as values
      from stride.trials
      where study_key = (select study_key from stride.studies where name = $1)
      group by split`,
    values: [studyName],
  });
  return rows.map(readColumns);
}

/** `timeToTarget` of @stride/statistics, to the bit. */
const timeOf: Readonly<Record<TargetMetric, string>> = {
  stepsToTarget: "e.step::float8",
  passesToTarget: "(t.forward_passes + t.backward_passes)::float8 * e.step / greatest(t.steps_taken, 1)",
};

/**
 * As `scoreColumns`, of the trials of the configurations that are named: each one's evaluations are looked through from the first
 * on, up to the one that meets its target. `targets` are by configuration; null: without a target there is no value.
 */
export async function targetColumns(
  database: Queryable,
  { metric, targets }: { readonly metric: TargetMetric; readonly targets: ReadonlyMap<number, number | null> },
): Promise<readonly ScoreColumns[]> {
  const rows = await database.query<ColumnsRow>({
    text: `
      select t.split = 'report' as report, string_agg(int4send(t.configuration_key), '') as "configurationKeys",
        string_agg(float8send(t.seed), '') as seeds,
        string_agg(float8send(case
          when t.result = 'diverged' then 'Infinity'
          when t.result is null or goal.target is null then 'NaN'
          else coalesce((
            select ${timeOf[metric]}
            from stride.evaluations e
            where e.trial_key = t.trial_key and e.loss <= goal.target
            order by e.step
            limit 1
          ), 'Infinity')
        end), '') as values
      from unnest($1::int[], $2::float8[]) as goal (configuration_key, target)
      join stride.trials t using (configuration_key)
      group by t.split`,
    values: [[...targets.keys()], [...targets.values()]],
  });
  return rows.map(readColumns);
}

interface ColumnsRow {
  readonly report: boolean;
  readonly configurationKeys: Buffer;
  readonly seeds: Buffer;
  readonly values: Buffer;
}

function readColumns({ report, configurationKeys, seeds, values }: ColumnsRow): ScoreColumns {
  return {
    report,
    configurationKeys: readIntegers(configurationKeys),
    seeds: readDoubles(seeds),
    values: readDoubles(values),
  };
}

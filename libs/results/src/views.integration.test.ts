import { cellsFromRows, type Metric, metrics, type Target, type WinRate, winRatesFromCells } from "@stride/statistics";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStudies, store } from "../test/random-study.js";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import { type TimedRow, timedRows } from "../test/timed-rows.js";
import type { PostgresResultStore } from "./index.js";

const close = (value: number | null) => (value === null ? null : expect.closeTo(value, 12));

/** In the order of their texts. */
function inOrder<Row>(rows: readonly Row[], key: (row: Row) => readonly unknown[]): readonly Row[] {
  return [...rows].sort((left, right) => (JSON.stringify(key(left)) < JSON.stringify(key(right)) ? -1 : 1));
}

describe("the SQL views of any study, metric and margin", () => {
  let database: TestDatabase;
  let results: PostgresResultStore;
  let studies = 0;
  beforeAll(async () => {
    database = await testDatabase();
    results = await database.open({ maxAttempts: 1 });
  });
  afterAll(async () => {
    await results[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  interface Stored {
    readonly name: string;
    readonly rows: readonly TimedRow[];
    readonly analysis: { readonly metric: Metric; readonly margin: number };
  }

  /** Holds for studies with an analysis each. */
  function always(law: (stored: Stored) => Promise<void>, loss?: fc.Arbitrary<number>): Promise<void> {
    const margins = fc.constantFrom(0, 1e-300, 0.01, 0.5);
    const analyses = fc.record({ metric: fc.constantFrom(...metrics), margin: margins });
    const timing = fc.record({ target: fc.constantFrom<Target>(0.5, 3, "baseline"), baseline: fc.constant("cosine") });
    const property = fc.asyncProperty(randomStudies(loss), analyses, timing, async (study, analysis, target) => {
      const name = `study-${++studies}`;
      await store(results, name, study, { analysis: { ...analysis, ...target } });
      await law({ name, analysis, rows: await timedRows(results, name, target) });
    });
    return fc.assert(property, { numRuns: 12 });
  }

  it("trial_results lists what trials() lists", () =>
    always(async ({ name, rows }) => {
      const listed = await database.query(
        `select trial_id as "trialId", cohort_id as "cohortId", task, optimizer, noise, schedule,
          learning_rate as "learningRate", drawn, seed::float8, split, outcome, coalesce(steps_taken, 0) as steps,
          final_evaluation_loss as "finalEvaluationLoss",
          best_evaluation_loss as "bestEvaluationLoss", area_under_curve as "areaUnderCurve",
          coalesce(forward_passes, 0)::int as "forwardPasses", coalesce(backward_passes, 0)::int as "backwardPasses",
          coalesce(seconds, 0) as seconds, attempts, executor
        from stride.trial_results where study = $1`,
        [name],
      );
      const expected = rows.map(({ stepsToTarget: _, passesToTarget: __, ...row }) => row);
      expect(inOrder(listed, ({ trialId }) => [trialId])).toEqual(inOrder(expected, ({ trialId }) => [trialId]));
    }));

  it("tuned_rates chooses as cellsFromRows", () =>
    always(async ({ name, rows, analysis }) => {
      const chosen = await database.query(
        `select task, optimizer, noise, schedule, learning_rate as "learningRate", drawn, tuning_mean as "tuningMean"
        from stride.tuned_rates where study = $1 order by task, optimizer, noise, schedule`,
        [name],
      );
      expect(chosen).toEqual(cellsFromRows(rows, analysis).tunedRates);
    }));

  it("win_rates counts and averages as winRatesFromCells", () =>
    always(async ({ name, rows, analysis }) => {
      const rates = await database.query(
        `select view, challenger, baseline, task, noise, wins::int, ties::int, losses::int, undecided::int, pairs::int,
          win_rate as "winRate", equal_or_better as "equalOrBetter", mean_log_ratio as "meanLogRatio", metric, margin
        from stride.win_rates where study = $1`,
        [name],
      );
      const noises = [undefined, ...new Set(rows.map(({ noise }) => noise))];
      const expected = noises.flatMap((noise) => ratesOf(rows, { ...analysis, noise }));
      const key = (row: ViewRow) => [row.view, row.challenger, row.baseline, row.task, row.noise];
      expect(inOrder(rates as readonly ViewRow[], key)).toEqual(
        inOrder(
          expected.map(({ winRate, equalOrBetter, meanLogRatio, conditions: _, rates: __, ...counts }) => ({
            ...counts,
            ...analysis,
            winRate: close(winRate.value),
            equalOrBetter: close(equalOrBetter.value),
            meanLogRatio: close(meanLogRatio.value),
          })),
          key,
        ),
      );
    }));

  it("pairwise_outcomes holds the pairs that the cells count", () =>
    always(async ({ name, rows, analysis }) => {
      const counted = await database.query(
        `select view, challenger, baseline, task, seed::float8,
          count(*) filter (where verdict = 'win')::int as wins, count(*) filter (where verdict = 'tie')::int as ties,
          count(*) filter (where verdict = 'loss')::int as losses,
          count(*) filter (where verdict = 'undecided')::int as undecided,
          coalesce(sum(log_ratio), 0) as "logRatioSum"
        from stride.pairwise_outcomes where study = $1
        group by view, challenger, baseline, task, seed`,
        [name],
      );
      const key = (row: ViewRow) => [row.view, row.challenger, row.baseline, row.task, row.seed];
      const { cells } = cellsFromRows(rows, analysis);
      expect(inOrder(counted as readonly ViewRow[], key)).toEqual(
        inOrder(
          cells.map((cell) => ({ ...cell, logRatioSum: close(cell.logRatioSum) })),
          key,
        ),
      );
    }));

  it("win_rates answers whatever numbers the trials have", () =>
    always(
      async ({ name, rows, analysis }) => {
        const { length } = ratesOf(rows, analysis);
        const select = "select from stride.win_rates where study = $1 and noise = 'all'";
        expect(await database.query(select, [name])).toHaveLength(length);
      },
      fc.oneof(fc.double(), fc.constantFrom(Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE)),
    ));
});

/** Win rates under one noise, or "all". */
function ratesOf(
  rows: readonly TimedRow[],
  options: { readonly metric: Metric; readonly margin: number; readonly noise?: string | undefined },
): readonly (WinRate & { readonly noise: string })[] {
  const rates = winRatesFromCells(cellsFromRows(rows, options), { ...options, seed: 1, resamples: 1 });
  return rates.map((rate) => ({ ...rate, noise: options.noise ?? "all" }));
}

type ViewRow = Readonly<Record<string, unknown>>;

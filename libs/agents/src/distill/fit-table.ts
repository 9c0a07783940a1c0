import { type ScheduleSpec, scheduleSpecSchema } from "@stride/schedules/spec";
import { disagreement, type PolicyCurve, replayed } from "./curve.js";
import { type Decision, decisionsOf } from "./decisions.js";
import { edgesOf, rowOf } from "./edges.js";

export interface FitTableOptions {
  readonly curves: readonly PolicyCurve[];
  /** The policy decides after every so many steps. */
  readonly every: number;
  /** The policy's rates stay within the base rate times these. */
  readonly range: { readonly lowest: number; readonly highest: number };
}

/** Rows: parts of the training; columns: stretches of the trend. */
export interface TableSize {
  readonly rows: number;
  readonly columns: number;
}

/** A decision table has two columns at least: the smallest first, as of two that do as well the smaller is taken. */
const sizes: readonly TableSize[] = [1, 2, 4]
  .flatMap((rows) => [2, 3, 4, 6, 8].map((columns) => ({ rows, columns })))
  .sort((left, right) => left.rows * left.columns - right.rows * right.columns);
/** A larger table must disagree less by this share of the smaller's disagreement. */
const worthIt = 0.02;
const mostFolds = 5;

/** The decision table that does most like the policy, of a size chosen on trainings left out of the fit. Undefined where there is no decision. */
export function fitTable(options: FitTableOptions): ScheduleSpec | undefined {
  const { curves, every } = options;
  if (curves.every((curve) => decisionsOf(curve, every).length === 0)) return undefined;
  return tableOf(options, chosenSize(options));
}

/** The size whose tables, fitted to the other trainings, disagree least with each fold: training i is in fold i mod their number. */
export function chosenSize({ curves, ...options }: FitTableOptions): TableSize {
  const folds = Math.min(mostFolds, curves.length);
  let best: { readonly size: TableSize; readonly score: number } | undefined;
  for (const size of sizes) {
    let score = 0;
    for (let fold = 0; fold < folds; fold++) {
      const left = curves.filter((_, i) => i % folds === fold);
      const fitted = folds === 1 ? curves : curves.filter((_, i) => i % folds !== fold);
      const table = tableOf({ curves: fitted, ...options }, size);
      score += disagreement(left, (curve) => replayed(table, curve)) / folds;
    }
    if (best === undefined || score < best.score * (1 - worthIt)) best = { size, score };
  }
  return (best as { readonly size: TableSize }).size;
}

/** The table of a size: each factor is the geometric mean of the policy's in its cell. */
export function tableOf({ curves, every, range }: FitTableOptions, { rows, columns }: TableSize): ScheduleSpec {
  const decisions = curves.flatMap((curve) => decisionsOf(curve, every));
  const trend = edgesOf(decisions, { rows, most: columns - 1 });
  const columnOf = ({ change }: Decision) => trend.filter((edge) => edge <= change).length;
  const table = Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: trend.length + 1 }, (_, column) =>
      mean(decisions.filter((decision) => rowOf(decision, rows) === row && columnOf(decision) === column)),
    );
    return cells.map((cell, column) => digits(Math.exp(cell ?? nearest(cells, column) ?? 0)));
  });
  return scheduleSpecSchema.parse({
    kind: "decision-table",
    every,
    trend,
    table,
    lowest: Math.min(1, range.lowest),
    highest: Math.min(1e6, Math.max(1, range.highest)),
  });
}

/** Mean of the logarithms of the factors; undefined of none. */
function mean(decisions: readonly Decision[]): number | undefined {
  if (decisions.length === 0) return undefined;
  return decisions.reduce((sum, { logFactor }) => sum + logFactor, 0) / decisions.length;
}

/** What the nearest column of the row has that has something; of two as near, the one further down in trend. */
function nearest(cells: readonly (number | undefined)[], column: number): number | undefined {
  for (let distance = 1; distance < cells.length; distance++) {
    const found = cells[column - distance] ?? cells[column + distance];
    if (found !== undefined) return found;
  }
  return undefined;
}

const digits = (value: number) => Number(value.toPrecision(3));

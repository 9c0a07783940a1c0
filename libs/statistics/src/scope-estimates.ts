import type { Stream } from "@stride/random";
import { meanInterval, rateInterval } from "./bootstrap-interval.js";
import { quantities, resampledSums } from "./resampled-sums.js";
import type { Scope } from "./scopes.js";
import type { Estimate, WinRateCell } from "./types.js";

/** The three estimates of a `WinRate`. */
export interface ScopeEstimates {
  readonly winRate: Estimate;
  readonly equalOrBetter: Estimate;
  readonly meanLogRatio: Estimate;
}

export interface ScopeEstimatesOptions {
  readonly confidence: number;
  readonly resamples: number;
  readonly stream: Stream;
  criticalValue(degreesOfFreedom: number): number;
}

const unknown: Estimate = { value: null, lower: null, upper: null };

/**
 * Values with bootstrap intervals, `[scope]`. Only cells with a decided pair are resampled. Scopes with as many tasks and seeds share
 * their resamples, so that a difference between two rows is not one of luck, and that each is drawn once.
 */
export function scopeEstimates(scopes: readonly Scope[], options: ScopeEstimatesOptions): ScopeEstimates[] {
  const decided = scopes.map(({ cells }) =>
    cells.map((seeds) => seeds.filter((cell) => decidedPairs(cell) > 0)).filter((seeds) => seeds.length > 0),
  );
  const alike = new Map<string, number[]>();
  for (const [scope, tasks] of decided.entries()) {
    const shape = tasks.map((seeds) => seeds.length).join();
    alike.set(shape, [...(alike.get(shape) ?? []), scope]);
  }
  const estimates = new Array<ScopeEstimates>(scopes.length);
  for (const members of alike.values()) {
    const tasksOf = members.map((scope) => decided[scope] ?? []);
    for (const [i, estimate] of estimatesOfAlike(tasksOf, options).entries())
      estimates[members[i] as number] = estimate;
  }
  return estimates;
}

type TaskCells = readonly (readonly WinRateCell[])[];

/** `members` are `[scope][task][seed]`, with the same numbers of tasks and seeds. */
function estimatesOfAlike(members: readonly TaskCells[], options: ScopeEstimatesOptions): ScopeEstimates[] {
  const seedsPerTask = (members[0] ?? []).map((seeds) => seeds.length);
  if (seedsPerTask.length === 0) {
    return members.map(() => ({ winRate: unknown, equalOrBetter: unknown, meanLogRatio: unknown }));
  }
  const tables = members.map((tasks) => tableOf(tasks.flat()));
  const sums = resampledSums({ ...options, seedsPerTask, tables });
  const units = seedsPerTask.length > 1 ? seedsPerTask.length : (seedsPerTask[0] as number);
  return tables.map((table, member) => {
    const resampled = ratiosOf(sums[member] as Float64Array);
    const value = ratiosOf(columnSums(table));
    const at = (ratio: keyof Ratios) => ({
      ...options,
      units,
      value: value[ratio][0] as number,
      resampled: resampled[ratio],
    });
    return {
      winRate: rateInterval(at("winRate")),
      equalOrBetter: rateInterval(at("equalOrBetter")),
      meanLogRatio: meanInterval(at("meanLogRatio")),
    };
  });
}

/** `[cell × quantities]`: pairs won (a tie is half a one), equal or better, log ratios, and decided pairs. */
function tableOf(cells: readonly WinRateCell[]): Float64Array {
  const table = new Float64Array(cells.length * quantities);
  for (const [index, cell] of cells.entries()) {
    table[index * quantities] = cell.wins + cell.ties / 2;
    table[index * quantities + 1] = cell.wins + cell.ties;
    table[index * quantities + 2] = cell.logRatioSum;
    table[index * quantities + 3] = decidedPairs(cell);
  }
  return table;
}

/** One row of `quantities`. */
function columnSums(table: Float64Array): Float64Array {
  const sums = new Float64Array(quantities);
  for (let i = 0; i < table.length; i++) sums[i % quantities] = (sums[i % quantities] as number) + (table[i] as number);
  return sums;
}

type Ratios = Record<keyof ScopeEstimates, Float64Array>;

/** The first three of `[row × quantities]` divided by the fourth, each `[row]`. */
function ratiosOf(sums: Float64Array): Ratios {
  const divide = (quantity: number) =>
    new Float64Array(sums.length / quantities).map(
      (_, row) => (sums[row * quantities + quantity] as number) / (sums[row * quantities + 3] as number),
    );
  return { winRate: divide(0), equalOrBetter: divide(1), meanLogRatio: divide(2) };
}

function decidedPairs({ wins, ties, losses }: WinRateCell): number {
  return wins + ties + losses;
}

import type { Stream } from "@stride/random";
import { meanInterval, rateInterval } from "./bootstrap-interval.js";
import { createResampler, quantities, type Resampler } from "./resampler.js";
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
 * their resamples, so that a difference between two rows is not one of luck, and a task's sums serve its own scope and "all".
 */
export function scopeEstimates(scopes: readonly Scope[], options: ScopeEstimatesOptions): ScopeEstimates[] {
  const resampler = createResampler(options);
  const known = new Map<readonly WinRateCell[], Task | undefined>();
  const taskOf = (seeds: readonly WinRateCell[]) => {
    if (!known.has(seeds)) known.set(seeds, resampled(seeds, resampler));
    return known.get(seeds);
  };
  return scopes.map(({ cells }) => {
    const tasks = cells.map(taskOf).filter((task) => task !== undefined);
    return estimatesOf(tasks, { ...options, resampler });
  });
}

/** One task's part in a scope. */
interface Task {
  /** `[seed × quantities]` */
  readonly table: Float64Array;
  /** `[resample × quantities]` */
  readonly sums: Float64Array;
}

/** Undefined when no pair of the task is decided. */
function resampled(seeds: readonly WinRateCell[], resampler: Resampler): Task | undefined {
  const table = tableOf(seeds.filter((cell) => decidedPairs(cell) > 0));
  return table.length === 0 ? undefined : { table, sums: resampler.ofSeeds(table) };
}

function estimatesOf(
  tasks: readonly Task[],
  { resampler, ...options }: ScopeEstimatesOptions & { readonly resampler: Resampler },
): ScopeEstimates {
  const [first] = tasks;
  if (first === undefined) return { winRate: unknown, equalOrBetter: unknown, meanLogRatio: unknown };
  const single = tasks.length === 1;
  const units = single ? first.table.length / quantities : tasks.length;
  const sums = single ? first.sums : resampler.ofTasks(tasks.map((task) => task.sums));
  const value = ratiosOf(columnSums(tasks.map(({ table }) => table)));
  const resampledRatios = ratiosOf(sums);
  const at = (ratio: keyof Ratios) => ({
    ...options,
    units,
    value: value[ratio][0] as number,
    resampled: resampledRatios[ratio],
  });
  return {
    winRate: rateInterval(at("winRate")),
    equalOrBetter: rateInterval(at("equalOrBetter")),
    meanLogRatio: meanInterval(at("meanLogRatio")),
  };
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

/** One row of `quantities`, over all rows of all tables. */
function columnSums(tables: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(quantities);
  for (const table of tables) {
    for (let i = 0; i < table.length; i++) {
      sums[i % quantities] = (sums[i % quantities] as number) + (table[i] as number);
    }
  }
  return sums;
}

type Ratios = Record<keyof ScopeEstimates, Float64Array>;

/** The first three of `[row × quantities]` divided by the fourth, each `[row]`. */
function ratiosOf(sums: Float64Array): Ratios {
  const rows = sums.length / quantities;
  const ratios = {
    winRate: new Float64Array(rows),
    equalOrBetter: new Float64Array(rows),
    meanLogRatio: new Float64Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    const decided = sums[row * quantities + 3] as number;
    ratios.winRate[row] = (sums[row * quantities] as number) / decided;
    ratios.equalOrBetter[row] = (sums[row * quantities + 1] as number) / decided;
    ratios.meanLogRatio[row] = (sums[row * quantities + 2] as number) / decided;
  }
  return ratios;
}

function decidedPairs({ wins, ties, losses }: WinRateCell): number {
  return wins + ties + losses;
}

export interface ImprovementOptions {
  /** Losses `[task][run]`, lower is better, +Infinity for a diverged run. Runs need not be paired nor equally many. */
  readonly challenger: readonly (readonly number[])[];
  /** Losses `[task][run]` of the same tasks in the same order. */
  readonly baseline: readonly (readonly number[])[];
}

/**
 * How likely a run of the challenger is better than a run of the baseline, both drawn at random, on a task drawn at random: the
 * mean over tasks of U/(n·m), where U counts the run pairs in which the challenger is lower, and equal ones as half.
 *
 * Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", 2021, section 4.3.
 */
export function probabilityOfImprovement({ challenger, baseline }: ImprovementOptions): number {
  if (challenger.length !== baseline.length || challenger.length === 0) {
    throw new RangeError(
      `probabilityOfImprovement needs the same tasks, at least one: got ${challenger.length} and ${baseline.length}`,
    );
  }
  const shares = challenger.map((runs, task) => mannWhitneyShare(runs, baseline[task] ?? []));
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function mannWhitneyShare(challenger: readonly number[], baseline: readonly number[]): number {
  if (challenger.length === 0 || baseline.length === 0) {
    throw new RangeError("probabilityOfImprovement needs at least one run on every task");
  }
  const sorted = Float64Array.from(baseline).sort();
  let u = 0;
  for (const loss of challenger) {
    u += sorted.length - (countBelow(sorted, loss, false) + countBelow(sorted, loss, true)) / 2;
  }
  return u / (challenger.length * sorted.length);
}

/** How many of ascending `sorted` are below `value`, or at most `value` when `inclusive`. */
function countBelow(sorted: Float64Array, value: number, inclusive: boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = sorted[middle] as number;
    if (entry < value || (inclusive && entry === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

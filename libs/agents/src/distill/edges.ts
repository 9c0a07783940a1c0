import type { Decision } from "./decisions.js";

export interface EdgesOptions {
  /** Rows of the table, each an equal part of the training. */
  readonly rows: number;
  /** Edges at most, at least 1. */
  readonly most: number;
}

/**
 * Where to cut the trend: one edge after the other, each between two changes that were seen, where it takes most off the variance of the log
 * factors within the table's cells (as a regression tree grows: Breiman et al., "Classification and Regression Trees", 1984).
 * Increasing. Where no edge takes anything off, a single one at 0: a table must have one.
 */
export function edgesOf(decisions: readonly Decision[], { rows, most }: EdgesOptions): number[] {
  const sorted = [...decisions].sort((left, right) => left.change - right.change);
  const spread = squaresOfSums(sorted, rows);
  const change = (place: number) => (sorted[place] as Decision).change;
  // Cut p lies below sorted[p].
  const cuts = [0, sorted.length];
  while (cuts.length - 2 < most) {
    // Rounding alone is no reason for another column.
    let best = { gain: 1e-9, cut: 0 };
    for (const [i, end] of cuts.entries()) {
      const start = cuts[i - 1];
      if (start === undefined) continue;
      for (let cut = start + 1; cut < end; cut++) {
        if (change(cut) === change(cut - 1)) continue;
        const gain = spread(start, cut) + spread(cut, end) - spread(start, end);
        if (gain > best.gain) best = { gain, cut };
      }
    }
    if (best.cut === 0) break;
    cuts.push(best.cut);
    cuts.sort((left, right) => left - right);
  }
  const edges = cuts.slice(1, -1).map((cut) => between(change(cut - 1), change(cut)));
  return edges.length > 0 ? edges : [0];
}

/**
 * Of the decisions from one place up to another: Σ (sum of the log factors in a row)² / their number, over rows. The variance within cells
 * is least where this is greatest, as their sum is the same for every cut.
 */
function squaresOfSums(sorted: readonly Decision[], rows: number): (start: number, end: number) => number {
  const width = sorted.length + 1;
  // Entry [row][place] is of the decisions before that place.
  const counts = new Float64Array(rows * width);
  const sums = new Float64Array(rows * width);
  for (const [place, decision] of sorted.entries()) {
    for (let row = 0; row < rows; row++) {
      const inRow = rowOf(decision, rows) === row;
      const at = row * width + place;
      counts[at + 1] = (counts[at] as number) + (inRow ? 1 : 0);
      sums[at + 1] = (sums[at] as number) + (inRow ? decision.logFactor : 0);
    }
  }
  return (start, end) => {
    let total = 0;
    for (let at = 0; at < rows * width; at += width) {
      const count = (counts[at + end] as number) - (counts[at + start] as number);
      const sum = (sums[at + end] as number) - (sums[at + start] as number);
      if (count > 0) total += sum ** 2 / count;
    }
    return total;
  };
}

/** The row of a table, of so many, that a decision falls into. */
export function rowOf({ step, steps }: Decision, rows: number): number {
  return Math.floor((rows * step) / steps);
}

/** A number above `low` and at most `high`, with as few digits as that takes. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  for (let digits = 2; digits <= 17; digits++) {
    const rounded = Number(middle.toPrecision(digits));
    if (rounded > low && rounded <= high) return rounded;
  }
  return high;
}

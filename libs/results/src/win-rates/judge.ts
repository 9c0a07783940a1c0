import { type ConditionCell, cappedLogRatio, pairVerdict, type WinRateCell } from "@stride/statistics";
import type { Meeting } from "./contestant.js";

/** A cell while it is being counted up. */
export type OpenCell = { -readonly [Key in keyof WinRateCell]: WinRateCell[Key] };

export interface JudgeOptions {
  readonly margin: number;
  /** The cell of a seed, to add its pair to. */
  cellOf(seed: number): OpenCell;
}

const countOf = { win: "wins", tie: "ties", loss: "losses", undecided: "undecided" } as const;

/** Judges the pairs of a meeting, ascending by seed: adds each to its cell, and returns what the condition's verdict needs. */
export function judge(
  { challenger, baseline }: Meeting,
  { margin, cellOf }: JudgeOptions,
): Pick<ConditionCell, "decided" | "undecided" | "logRatioMean" | "logRatioVariance"> {
  const logRatios: number[] = [];
  let pairs = 0;
  let other = 0;
  for (let i = 0; i < challenger.seeds.length; i++) {
    const seed = challenger.seeds[i] as number;
    while (other < baseline.seeds.length && (baseline.seeds[other] as number) < seed) other++;
    if (baseline.seeds[other] !== seed) continue;
    pairs++;
    const left = valueAt(challenger.values, i);
    const right = valueAt(baseline.values, other);
    const cell = cellOf(seed);
    cell[countOf[pairVerdict(left, right, margin)]]++;
    if (left === null || right === null) continue;
    const logRatio = cappedLogRatio(left, right);
    cell.logRatioSum += logRatio;
    logRatios.push(logRatio);
  }
  return { decided: logRatios.length, undecided: pairs - logRatios.length, ...moments(logRatios) };
}

function valueAt(values: Float64Array, i: number): number | null {
  const value = values[i] as number;
  return Number.isNaN(value) ? null : value;
}

/** Sample mean and variance (n − 1), in two passes as @stride/statistics takes them. */
function moments(values: readonly number[]): Pick<ConditionCell, "logRatioMean" | "logRatioVariance"> {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    logRatioMean: count > 0 ? mean : null,
    logRatioVariance: count > 1 ? squares / (count - 1) : null,
  };
}

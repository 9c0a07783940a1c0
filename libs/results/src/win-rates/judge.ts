import { type ConditionCell, cappedLogRatio, pairVerdict } from "@stride/statistics";
import type { Meeting } from "./contestant.js";

/** Counts verdicts by seed. Columns of numbers: one object a cell takes three times as long. */
export interface Tally {
  readonly seeds: number[];
  /** `[seed × verdicts]` */
  readonly counts: number[];
  readonly logRatioSums: number[];
}

const verdicts = ["win", "tie", "loss", "undecided"] as const;

/** Judges the pairs of a meeting, ascending by seed: adds each to the tally, and returns what the condition's verdict needs. */
export function judge(
  { challenger, baseline }: Meeting,
  { margin, tally }: { readonly margin: number; readonly tally: Tally },
): Pick<ConditionCell, "decided" | "undecided" | "logRatioMean" | "logRatioVariance"> {
  const logRatios: number[] = [];
  let pairs = 0;
  let other = 0;
  let place = 0;
  for (let i = 0; i < challenger.seeds.length; i++) {
    const seed = challenger.seeds[i] as number;
    while (other < baseline.seeds.length && (baseline.seeds[other] as number) < seed) other++;
    if (baseline.seeds[other] !== seed) continue;
    pairs++;
    const left = valueAt(challenger.values, i);
    const right = valueAt(baseline.values, other);
    place = placeOf(seed, tally, place);
    const verdict = verdicts.length * place + verdicts.indexOf(pairVerdict(left, right, margin));
    tally.counts[verdict] = (tally.counts[verdict] as number) + 1;
    const at = place++;
    if (left === null || right === null) continue;
    const logRatio = cappedLogRatio(left, right);
    tally.logRatioSums[at] = (tally.logRatioSums[at] as number) + logRatio;
    logRatios.push(logRatio);
  }
  return { decided: logRatios.length, undecided: pairs - logRatios.length, ...moments(logRatios) };
}

/** Where a seed stands in a tally; `guess` is right where all conditions have the same seeds. A new seed comes last. */
function placeOf(seed: number, { seeds, counts, logRatioSums }: Tally, guess: number): number {
  if (seeds[guess] === seed) return guess;
  const found = seeds.indexOf(seed);
  if (found >= 0) return found;
  seeds.push(seed);
  for (const _ of verdicts) counts.push(0);
  return logRatioSums.push(0) - 1;
}

/** The counts of each seed, in the order in which the seeds came. */
export function talliedCells({ seeds, counts, logRatioSums }: Tally) {
  return seeds.map((seed, place) => {
    const [wins = 0, ties = 0, losses = 0, undecided = 0] = counts.slice(
      verdicts.length * place,
      verdicts.length * (place + 1),
    );
    return { seed, wins, ties, losses, undecided, logRatioSum: logRatioSums[place] as number };
  });
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

import { type Group, groupRows } from "./group-rows.js";
import { cappedLogRatio, pairVerdict } from "./pair-verdict.js";
import { type PairedCondition, pairedConditions, reportValues } from "./paired-conditions.js";
import { tunedRatesOf } from "./tuned-rates.js";
import type { CellOptions, ConditionCell, TrialOutcomeRow, Verdict, WinRateCell, WinRateCells } from "./types.js";

/**
 * Pairs up the trials and counts their verdicts: what `winRatesFromCells` reads. A pair is a condition and a report seed on which
 * both schedules have a trial, whatever its outcome; in the tuned view the trial at the schedule's chosen rate counts, and a
 * schedule without such a trial leaves the pair undecided. The order of the rows changes nothing, to the bit.
 */
export function cellsFromRows(rows: readonly TrialOutcomeRow[], options: CellOptions): WinRateCells {
  if (!(options.margin >= 0)) throw new RangeError(`margin must be at least 0, got ${options.margin}`);
  const groups = groupRows(rowsOf(rows, options), options.metric);
  const cells = new Map<string, Map<number, Counts<WinRateCell>>>();
  const conditions: ConditionCell[] = [];
  const rates = groups.map(tunedRatesOf);
  const reports = groups.map((group, index) => reportValues(group, rates[index] ?? []));
  for (const comparison of comparisons(groups, options.baseline)) {
    for (const [index, group] of groups.entries()) {
      const challenger = reports[index]?.get(comparison.challenger);
      const baseline = reports[index]?.get(comparison.baseline);
      if (challenger === undefined || baseline === undefined) continue;
      for (const condition of pairedConditions(challenger, baseline)) {
        const judged = judge(condition, options.margin);
        conditions.push(conditionCell(group, comparison, condition, judged));
        count(cells, group.task, comparison, condition, judged);
      }
    }
  }
  return { cells: [...cells.values()].flatMap((seeds) => [...seeds.values()]), conditions, tunedRates: rates.flat() };
}

/** The rows of the conditions that are asked for. A label that no row has is refused. */
function rowsOf(rows: readonly TrialOutcomeRow[], options: CellOptions): readonly TrialOutcomeRow[] {
  return (["task", "optimizer", "noise"] as const).reduce((left, label) => {
    const wanted = options[label];
    if (wanted === undefined || left.length === 0) return left;
    const found = left.filter((row) => (row[label] ?? "none") === wanted);
    if (found.length > 0) return found;
    const known = [...new Set(left.map((row) => row[label] ?? "none"))].sort();
    throw new RangeError(`${label} must be one of ${known.join(", ")}, got ${wanted}`);
  }, rows);
}

type Counts<Cell> = { -readonly [Key in keyof Cell]: Cell[Key] };

interface Comparison {
  readonly challenger: string;
  readonly baseline: string;
}

/** Every ordered pair of different schedules, or every other schedule against the baseline. */
function comparisons(groups: readonly Group[], baseline: string | undefined): Comparison[] {
  const schedules = [...new Set(groups.flatMap((group) => [...group.schedules.keys()]))].sort();
  if (baseline !== undefined && groups.length > 0 && !schedules.includes(baseline)) {
    throw new RangeError(`baseline must be one of ${schedules.join(", ")}, got ${baseline}`);
  }
  const baselines = baseline === undefined ? schedules : [baseline];
  return schedules.flatMap((challenger) =>
    baselines.filter((other) => other !== challenger).map((other) => ({ challenger, baseline: other })),
  );
}

/** A pair with its verdict; the log ratio is null when undecided. */
interface JudgedPair {
  readonly seed: number;
  readonly verdict: Verdict;
  readonly logRatio: number | null;
}

function judge({ pairs }: PairedCondition, margin: number): JudgedPair[] {
  return pairs.map(({ seed, challenger, baseline }) => ({
    seed,
    verdict: pairVerdict(challenger, baseline, margin),
    logRatio: challenger === null || baseline === null ? null : cappedLogRatio(challenger, baseline),
  }));
}

function conditionCell(
  { task, optimizer, noise }: Group,
  comparison: Comparison,
  { view, learningRate }: PairedCondition,
  judged: readonly JudgedPair[],
): ConditionCell {
  const ratios = judged.flatMap(({ logRatio }) => (logRatio === null ? [] : [logRatio]));
  const decided = ratios.length;
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / decided;
  const squares = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0);
  return {
    view,
    ...comparison,
    ...{ task, optimizer, noise, learningRate },
    decided,
    undecided: judged.length - decided,
    logRatioMean: decided > 0 ? mean : null,
    logRatioVariance: decided > 1 ? squares / (decided - 1) : null,
  };
}

const countOf = { win: "wins", tie: "ties", loss: "losses", undecided: "undecided" } as const;

function count(
  cells: Map<string, Map<number, Counts<WinRateCell>>>,
  task: string,
  comparison: Comparison,
  { view }: PairedCondition,
  judged: readonly JudgedPair[],
): void {
  const key = JSON.stringify([view, comparison.challenger, comparison.baseline, task]);
  const seeds = cells.get(key) ?? new Map<number, Counts<WinRateCell>>();
  cells.set(key, seeds);
  for (const { seed, verdict, logRatio } of judged) {
    let cell = seeds.get(seed);
    if (cell === undefined) {
      cell = { view, ...comparison, task, seed, wins: 0, ties: 0, losses: 0, undecided: 0, logRatioSum: 0 };
      seeds.set(seed, cell);
    }
    cell[countOf[verdict]]++;
    cell.logRatioSum += logRatio ?? 0;
  }
}

import { InvalidArgument } from "@stride/experiment";
import type { CellOptions, ConditionCell, View, WinRateCell, WinRateCells } from "@stride/statistics";
import { contestant, meetings } from "./contestant.js";
import { judge, type Tally, talliedCells } from "./judge.js";
import type { ScoreGroup } from "./score-groups.js";
import { tunedRatesOf } from "./tuned-scores.js";

/**
 * `cellsFromRows` of @stride/statistics on columns instead of one object a trial, equal to the bit: the same verdicts, added up
 * in the same order.
 */
export function pairCells(groups: readonly ScoreGroup[], { margin, baseline }: CellOptions): WinRateCells {
  if (!(margin >= 0)) throw new InvalidArgument(`margin must be at least 0, got ${margin}`);
  const tunedRates = groups.map(tunedRatesOf);
  const contestants = groups.map(({ schedules }, i) => {
    const chosen = new Map(tunedRates[i]?.map(({ schedule, learningRate }) => [schedule, learningRate]));
    return new Map([...schedules].map(([name, scores]) => [name, contestant(scores, chosen.get(name))]));
  });
  const cells: WinRateCell[] = [];
  const conditions: ConditionCell[] = [];
  for (const comparison of comparisons(groups, baseline)) {
    const tallies = new Map<View, Map<string, Tally>>();
    for (const [i, { task, optimizer, noise }] of groups.entries()) {
      const challenger = contestants[i]?.get(comparison.challenger);
      const other = contestants[i]?.get(comparison.baseline);
      if (challenger === undefined || other === undefined) continue;
      for (const meeting of meetings(challenger, other)) {
        const { view, learningRate } = meeting;
        const judged = judge(meeting, { margin, tally: tallyOf(tallies, view, task) });
        if (judged.decided + judged.undecided === 0) continue;
        conditions.push({ view, ...comparison, task, optimizer, noise, learningRate, ...judged });
      }
    }
    for (const [view, ofView] of tallies) {
      for (const [task, tally] of ofView) {
        for (const cell of talliedCells(tally)) cells.push({ view, ...comparison, task, ...cell });
      }
    }
  }
  return { cells, conditions, tunedRates: tunedRates.flat() };
}

type Comparison = Pick<WinRateCell, "challenger" | "baseline">;

/** The tally of one view and task, made when it is first asked for. */
function tallyOf(tallies: Map<View, Map<string, Tally>>, view: View, task: string): Tally {
  const ofView = tallies.get(view) ?? new Map<string, Tally>();
  tallies.set(view, ofView);
  const tally = ofView.get(task) ?? { seeds: [], counts: [], logRatioSums: [] };
  ofView.set(task, tally);
  return tally;
}

/** Every ordered pair of different schedules, or every other schedule against the baseline. */
function comparisons(groups: readonly ScoreGroup[], baseline: string | undefined): readonly Comparison[] {
  const schedules = [...new Set(groups.flatMap((group) => [...group.schedules.keys()]))].sort();
  if (baseline !== undefined && groups.length > 0 && !schedules.includes(baseline)) {
    throw new InvalidArgument(`baseline must be one of ${schedules.join(", ")}, got ${baseline}`);
  }
  const baselines = baseline === undefined ? schedules : [baseline];
  return schedules.flatMap((challenger) =>
    baselines.filter((other) => other !== challenger).map((other) => ({ challenger, baseline: other })),
  );
}

import { InvalidArgument } from "@stride/experiment";
import type { CellOptions, ConditionCell, View, WinRateCell, WinRateCells } from "@stride/statistics";
import { contestant, meetings } from "./contestant.js";
import { judge, type OpenCell } from "./judge.js";
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
    const places = new Map<string, Map<number, OpenCell>>();
    for (const [i, { task, optimizer }] of groups.entries()) {
      const challenger = contestants[i]?.get(comparison.challenger);
      const other = contestants[i]?.get(comparison.baseline);
      if (challenger === undefined || other === undefined) continue;
      for (const meeting of meetings(challenger, other)) {
        const { view, learningRate } = meeting;
        const cellOf = cellsOf(places, { view, ...comparison, task });
        const judged = judge(meeting, { margin, cellOf });
        if (judged.decided + judged.undecided === 0) continue;
        conditions.push({ view, ...comparison, task, optimizer, learningRate, ...judged });
      }
    }
    for (const place of places.values()) for (const cell of place.values()) cells.push(cell);
  }
  return { cells, conditions, tunedRates: tunedRates.flat() };
}

type Comparison = Pick<WinRateCell, "challenger" | "baseline">;
type Place = Comparison & { readonly view: View; readonly task: string };

/** Finds the cell of a seed among those of one view and task, or makes it. */
function cellsOf(places: Map<string, Map<number, OpenCell>>, place: Place): (seed: number) => OpenCell {
  const id = `${place.view} ${place.task}`;
  const cells = places.get(id) ?? new Map<number, OpenCell>();
  places.set(id, cells);
  return (seed) => {
    let cell = cells.get(seed);
    if (cell === undefined) {
      cell = { ...place, seed, wins: 0, ties: 0, losses: 0, undecided: 0, logRatioSum: 0 };
      cells.set(seed, cell);
    }
    return cell;
  };
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

import type { Group, ValuesByRate, ValuesBySeed } from "./group-rows.js";
import type { TunedRate, View } from "./types.js";

/** Metric values of the two schedules under one condition and report seed; null for a run without a value. */
export interface Pair {
  readonly seed: number;
  readonly challenger: number | null;
  readonly baseline: number | null;
}

/** All pairs of one condition, ascending by seed, at least one. `learningRate` is null in the tuned view. */
export interface PairedCondition {
  readonly view: View;
  readonly learningRate: number | null;
  readonly pairs: readonly Pair[];
}

/** A schedule's report values at each rate of the grid, and at its chosen rate (null: there are no tuning trials). */
export interface ReportValues {
  readonly fixed: ValuesByRate;
  readonly tuned: ValuesBySeed | null;
}

/** Report values `schedule → values` of one task, optimizer and noise; `rates` are the group's chosen rates. */
export function reportValues(group: Group, rates: readonly TunedRate[]): Map<string, ReportValues> {
  const chosen = new Map(rates.map(({ schedule, learningRate }) => [schedule, learningRate]));
  return new Map(
    [...group.schedules].map(([schedule, { report, drawn }]) => {
      const learningRate = chosen.get(schedule);
      // A draw differs in more than its rate: at an equal one it would be compared with something else.
      const fixed = new Map([...report].filter(([rate]) => !drawn.has(rate)));
      return [schedule, { fixed, tuned: learningRate === undefined ? null : atRate(report, learningRate) }];
    }),
  );
}

/** The conditions of one group under which both schedules have trials: one a rate of the grid (ascending), then the tuned one. */
export function pairedConditions(challenger: ReportValues, baseline: ReportValues): PairedCondition[] {
  const conditions: PairedCondition[] = [];
  for (const [learningRate, values] of challenger.fixed) {
    const others = baseline.fixed.get(learningRate);
    if (others !== undefined) conditions.push({ view: "fixed", learningRate, pairs: pairUp(values, others) });
  }
  if (challenger.tuned !== null && baseline.tuned !== null) {
    conditions.push({ view: "tuned", learningRate: null, pairs: pairUp(challenger.tuned, baseline.tuned) });
  }
  return conditions.filter(({ pairs }) => pairs.length > 0);
}

/** A schedule's values at its chosen rate, on every seed it was run with at any rate; null where that trial is missing. */
function atRate(report: ValuesByRate, learningRate: number | null): ValuesBySeed {
  const values = learningRate === null ? undefined : report.get(learningRate);
  const seeds = new Set([...report.values()].flatMap((bySeed) => [...bySeed.keys()]));
  return new Map([...seeds].sort((a, b) => a - b).map((seed) => [seed, values?.get(seed) ?? null]));
}

function pairUp(challenger: ValuesBySeed, baseline: ValuesBySeed): Pair[] {
  const pairs: Pair[] = [];
  for (const [seed, value] of challenger) {
    const other = baseline.get(seed);
    if (other !== undefined) pairs.push({ seed, challenger: value, baseline: other });
  }
  return pairs;
}

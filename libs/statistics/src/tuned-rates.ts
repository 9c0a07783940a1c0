import { type Group, groupRows, type ValuesByRate } from "./group-rows.js";
import type { Metric, TrialOutcomeRow, TunedRate } from "./types.js";

/**
 * For each task, optimizer, noise and schedule the learning rate, of the grid or drawn, with the lowest mean metric over the tuning
 * seeds; a diverged run makes the mean +Infinity, and the lower of equal rates is taken. A rate is eligible only with a result on
 * every tuning seed of the task, optimizer and noise, so that all schedules are tuned on the same seeds. Nothing where there are no
 * tuning trials.
 */
export function tunedRates(rows: readonly TrialOutcomeRow[], metric: Metric): TunedRate[] {
  return groupRows(rows, metric).flatMap(tunedRatesOf);
}

/** `tunedRates` of one task, optimizer and noise. */
export function tunedRatesOf({ task, optimizer, noise, schedules }: Group): TunedRate[] {
  const seeds = tuningSeeds(schedules.values());
  if (seeds.length === 0) return [];
  return [...schedules].map(([schedule, { tuning, drawn }]) => {
    const best = bestRate(tuning, seeds);
    const tuningMean = best !== undefined && Number.isFinite(best.mean) ? best.mean : null;
    const learningRate = best?.learningRate ?? null;
    return {
      ...{ task, optimizer, noise, schedule, learningRate },
      drawn: learningRate !== null && drawn.has(learningRate),
      tuningMean,
    };
  });
}

/** Ascending, so that a mean is the same sum in whatever order the rows came. */
function tuningSeeds(schedules: Iterable<{ readonly tuning: ValuesByRate }>): number[] {
  const seeds = new Set<number>();
  for (const { tuning } of schedules)
    for (const values of tuning.values()) for (const seed of values.keys()) seeds.add(seed);
  return [...seeds].sort((a, b) => a - b);
}

function bestRate(tuning: ValuesByRate, seeds: readonly number[]): { learningRate: number; mean: number } | undefined {
  let best: { learningRate: number; mean: number } | undefined;
  for (const [learningRate, values] of tuning) {
    const results = seeds.map((seed) => values.get(seed) ?? null);
    if (results.includes(null)) continue;
    const mean = results.reduce<number>((sum, value) => sum + (value as number), 0) / seeds.length;
    if (best === undefined || mean < best.mean) best = { learningRate, mean };
  }
  return best;
}

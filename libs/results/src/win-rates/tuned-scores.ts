import type { TunedRate } from "@stride/statistics";
import type { RateScores, ScheduleScores, ScoreGroup } from "./score-groups.js";
import type { ScoreVector } from "./score-vectors.js";

/** As `tunedRates` of @stride/statistics, of one task, optimizer and noise. */
export function tunedRatesOf({ task, optimizer, noise, schedules }: ScoreGroup): readonly TunedRate[] {
  const seeds = distinctSeeds([...schedules.values()].flatMap(({ tuning }) => tuning)).length;
  if (seeds === 0) return [];
  return [...schedules].map(([schedule, { tuning }]) => {
    const best = bestRate(tuning, seeds);
    const tuningMean = best !== undefined && Number.isFinite(best.mean) ? best.mean : null;
    const [learningRate, drawn] = [best?.learningRate ?? null, best?.drawn ?? false];
    return { task, optimizer, noise, schedule, learningRate, drawn, tuningMean };
  });
}

/** The rate with the lowest mean among those with a result on each of so many seeds; the lower one of equals. */
function bestRate(tuning: readonly RateScores[], seeds: number): BestRate | undefined {
  let best: BestRate | undefined;
  for (const { learningRate, drawn, scores } of tuning) {
    if (scores.values.length !== seeds || scores.values.some(Number.isNaN)) continue;
    const mean = scores.values.reduce((sum, value) => sum + value, 0) / seeds;
    if (best === undefined || mean < best.mean) best = { learningRate, drawn, mean };
  }
  return best;
}

interface BestRate {
  readonly learningRate: number;
  readonly drawn: boolean;
  readonly mean: number;
}

/** A schedule's report scores at its chosen rate, on every seed it was run with at any rate; NaN where that trial is missing. */
export function scoresAtRate({ report }: ScheduleScores, chosen: number | null): ScoreVector {
  const seeds = distinctSeeds(report);
  const at = report.find(({ learningRate }) => learningRate === chosen)?.scores;
  if (at !== undefined && at.seeds.length === seeds.length) return at;
  const valueAt = new Map(Array.from(at?.seeds ?? [], (seed, i) => [seed, at?.values[i] as number]));
  return { seeds, values: seeds.map((seed) => valueAt.get(seed) ?? Number.NaN) };
}

function distinctSeeds(rates: readonly RateScores[]): Float64Array {
  const seeds = new Set<number>();
  for (const { scores } of rates) for (const seed of scores.seeds) seeds.add(seed);
  return Float64Array.from(seeds).sort();
}

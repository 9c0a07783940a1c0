import { quartiles } from "./curve-bands.js";
import { groupBy } from "./group-by.js";

/** What the sensitivity to the rate reads of a trial: its final loss, null or infinite when it diverged. */
export interface FinalLoss {
  readonly panel: string;
  readonly schedule: string;
  /** The base learning rate, above 0. */
  readonly learningRate: number;
  readonly loss: number | null;
  readonly diverged: boolean;
}

/** The trials of one schedule at one base rate. */
export interface RateSensitivityPoint {
  readonly panel: string;
  readonly schedule: string;
  readonly learningRate: number;
  /** Median final loss, a diverged trial the worst; null when it has diverged itself. */
  readonly median: number | null;
  readonly diverged: number;
  readonly trials: number;
}

/** Median final loss and number of diverged trials by panel, schedule and base rate; ascending rates. Trials without a result are left out. */
export function rateSensitivity(trials: readonly FinalLoss[]): RateSensitivityPoint[] {
  const ended = trials.filter(({ loss, diverged }) => diverged || loss !== null);
  const groups = groupBy(ended, ({ panel, schedule, learningRate }) => JSON.stringify([panel, schedule, learningRate]));
  return [...groups.values()]
    .map((group) => {
      const { panel, schedule, learningRate } = group[0] as FinalLoss;
      const losses = group.map(({ loss, diverged }) => (diverged || loss === null ? Number.POSITIVE_INFINITY : loss));
      const [, median] = quartiles(losses);
      return {
        panel,
        schedule,
        learningRate,
        median: Number.isFinite(median) ? median : null,
        diverged: group.filter(({ diverged }) => diverged).length,
        trials: group.length,
      };
    })
    .sort((a, b) => a.learningRate - b.learningRate);
}

import { normalCdf } from "./normal-distribution.js";
import { percentile } from "./percentile.js";
import type { Estimate } from "./types.js";
import { wilsonInterval } from "./wilson-interval.js";

export interface BootstrapIntervalOptions {
  readonly value: number;
  /** The statistic on each resample `[resample]`; rearranged. */
  readonly resampled: Float64Array;
  /** Units resampled at the top level: tasks, or the seeds of a single task. */
  readonly units: number;
  /** In (0, 1). */
  readonly confidence: number;
  /** Two-sided critical values of Student's t at that confidence. */
  criticalValue(degreesOfFreedom: number): number;
}

/**
 * Expanded percentile interval: the percentiles Φ(∓ √(n/(n − 1)) t₍n−1₎) of the resampled values, n units, which makes up for the
 * bootstrap's narrowness with few units; widened to hold the value itself. No interval from a single unit.
 *
 * Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69(4), 2015 (arXiv:1411.5279).
 */
export function meanInterval({ value, resampled, units, criticalValue }: BootstrapIntervalOptions): Estimate {
  if (units < 2) return { value, lower: null, upper: null };
  const share = normalCdf(-Math.sqrt(units / (units - 1)) * criticalValue(units - 1));
  return {
    value,
    lower: Math.min(value, percentile(resampled, share)),
    upper: Math.max(value, percentile(resampled, 1 - share)),
  };
}

/**
 * The same for a rate in [0, 1]. Where all units agree (or there is one) every resample gives the same rate, and the bootstrap knows
 * nothing of units not seen: then the chance that a unit differs is bounded by Wilson's interval for 0 of n, u = z²/(n + z²), and
 * the interval is [(1 − u) value, (1 − u) value + u]; at 0 and 1 that is Wilson's own.
 */
export function rateInterval(options: BootstrapIntervalOptions): Estimate {
  const { value, resampled, units, confidence } = options;
  if (units > 1 && resampled.some((rate) => rate !== resampled[0])) return meanInterval(options);
  const { upper: unseen } = wilsonInterval({ successes: 0, trials: units, confidence });
  const lower = (1 - unseen) * value;
  return { value, lower, upper: Math.min(1, Math.max(value, lower + unseen)) };
}

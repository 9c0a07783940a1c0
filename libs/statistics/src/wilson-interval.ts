import { normalQuantile } from "./normal-distribution.js";

export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

export interface WilsonOptions {
  /** In [0, trials]; a tie may count as half. */
  readonly successes: number;
  /** Independent ones, above 0. */
  readonly trials: number;
  /** In (0, 1), as 0.95. */
  readonly confidence: number;
}

/**
 * Wilson's score interval for a proportion of independent trials.
 *
 *   (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n),  p = successes / n
 *
 * Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
 */
export function wilsonInterval({ successes, trials, confidence }: WilsonOptions): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  const proportion = successes / trials;
  const shrink = 1 + (z * z) / trials;
  const centre = (proportion + (z * z) / (2 * trials)) / shrink;
  const variance = (proportion * (1 - proportion)) / trials + (z * z) / (4 * trials * trials);
  const half = (z * Math.sqrt(variance)) / shrink;
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

import type { Verdict } from "./types.js";

/** A pair's log ratio counts at most this much either way (a factor of 1,000), so that a diverged run leaves means finite. */
export const logRatioCap = Math.log(1000);

/**
 * The verdict on one pair of metric values, lower is better; +Infinity marks a diverged run, null a run without a value.
 * `margin` ≥ 0 is relative.
 *
 *   win   log(challenger / baseline) < −log(1 + margin), as challenger · (1 + margin) < baseline
 *   loss  log(challenger / baseline) > +log(1 + margin), as baseline · (1 + margin) < challenger
 *   tie   otherwise: also two diverged runs, and two zeros
 *
 * A ratio means nothing when a value is negative: then the difference decides, with a margin of
 * `margin` · max(|challenger|, |baseline|) in the metric's own unit. The products make the verdicts exactly antisymmetric,
 * and the same in SQL on double precision.
 */
export function pairVerdict(challenger: number | null, baseline: number | null, margin: number): Verdict {
  if (challenger === null || baseline === null) return "undecided";
  if (beats(challenger, baseline, margin)) return "win";
  return beats(baseline, challenger, margin) ? "loss" : "tie";
}

function beats(left: number, right: number, margin: number): boolean {
  if (left >= 0 && right >= 0) return left * (1 + margin) < right;
  if (right === Number.POSITIVE_INFINITY) return true;
  return right - left > margin * Math.max(Math.abs(left), Math.abs(right));
}

/**
 * log(challenger / baseline) within ± `logRatioCap`; negative when the challenger is lower. Equal values (two zeros, two
 * diverged runs) give 0; zero or a diverged run against anything else gives the cap, and so does a negative value.
 */
export function cappedLogRatio(challenger: number, baseline: number): number {
  if (challenger === baseline) return 0;
  if (challenger < 0 || baseline < 0) return challenger < baseline ? -logRatioCap : logRatioCap;
  return Math.max(-logRatioCap, Math.min(logRatioCap, Math.log(challenger) - Math.log(baseline)));
}

import type { ConditionCell, Verdict } from "./types.js";

export interface ConditionVerdictOptions {
  /** Relative, at least 0. */
  readonly margin: number;
  /** Two-sided critical values of Student's t (`twoSidedCriticalValues`). */
  criticalValue(degreesOfFreedom: number): number;
}

/**
 * The verdict on a condition from the interval of its mean log ratio over seeds, m ± t₍n−1₎ √(s²/n), against ± log(1 + margin):
 * a win or loss when it lies wholly beyond, a tie when wholly within, undecided otherwise and with fewer than two decided pairs.
 */
export function conditionVerdict(
  { decided, logRatioMean, logRatioVariance }: Pick<ConditionCell, "decided" | "logRatioMean" | "logRatioVariance">,
  { margin, criticalValue }: ConditionVerdictOptions,
): Verdict {
  if (logRatioMean === null || logRatioVariance === null) return "undecided";
  const half = logRatioVariance === 0 ? 0 : criticalValue(decided - 1) * Math.sqrt(logRatioVariance / decided);
  const bound = Math.log1p(margin);
  if (logRatioMean + half < -bound) return "win";
  if (logRatioMean - half > bound) return "loss";
  return logRatioMean - half >= -bound && logRatioMean + half <= bound ? "tie" : "undecided";
}

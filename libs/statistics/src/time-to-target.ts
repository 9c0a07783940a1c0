/** What the time to a target is counted from. */
export interface EvaluatedRun {
  /** Ascending by step; step 0 is before the first update. */
  readonly evaluations: readonly { readonly step: number; readonly loss: number }[];
  /** Updates the run took in all, and the mini-batch passes of all of them. */
  readonly steps: number;
  readonly forwardPasses: number;
  readonly backwardPasses: number;
}

/**
 * The step of the first evaluation whose loss is at most `target`, and the forward and backward passes up to there, those of the run
 * spread evenly over its updates; +Infinity both when no evaluation is. The answer is as fine as evaluations are frequent.
 *
 * A run that meets the target before its first update takes 0 steps and 0 passes. As a score, 0 ties with 0 and beats all else by
 * the cap on log ratios; paired runs begin alike, so either both have it or neither.
 */
export function timeToTarget(
  { evaluations, steps, forwardPasses, backwardPasses }: EvaluatedRun,
  target: number,
): { readonly stepsToTarget: number; readonly passesToTarget: number } {
  const reached = evaluations.find(({ loss }) => loss <= target)?.step;
  if (reached === undefined)
    return { stepsToTarget: Number.POSITIVE_INFINITY, passesToTarget: Number.POSITIVE_INFINITY };
  return {
    stepsToTarget: reached,
    passesToTarget: ((forwardPasses + backwardPasses) * reached) / Math.max(steps, 1),
  };
}

import { createScheduler } from "@stride/schedules";
import type { ScheduleSpec } from "@stride/schedules/spec";

/** What a policy did in one training: entry t belongs to step t. */
export interface PolicyCurve {
  /** As the policy saw them. */
  readonly losses: ArrayLike<number>;
  /** The rates that were taken, all above 0. */
  readonly learningRates: ArrayLike<number>;
  /** The rate that it began with. */
  readonly baseRate: number;
  /** Updates that were planned; the arrays are shorter where it diverged. */
  readonly steps: number;
}

/**
 * The rates that a rule would have set, had it seen the losses of the policy's training: `[T]`. What it would have done to the losses is not
 * asked: a rule that agrees with the policy at each step would have had the same ones.
 */
export function replayed(spec: ScheduleSpec, { losses, baseRate, steps }: PolicyCurve): Float64Array {
  const scheduler = createScheduler(spec, { learningRate: baseRate, steps });
  const rates = new Float64Array(losses.length);
  let state = scheduler.init();
  for (let step = 0; step < rates.length; step++) {
    rates[step] = scheduler.learningRate(state);
    state = scheduler.update(state, { step, trainingLoss: losses[step] as number });
  }
  return rates;
}

/** Mean square of the difference of two rules' log rates, over all steps of all curves; the lower, the more alike. */
export function disagreement(
  curves: readonly PolicyCurve[],
  ratesOf: (curve: PolicyCurve) => ArrayLike<number>,
): number {
  let sum = 0;
  let count = 0;
  for (const curve of curves) {
    const rates = ratesOf(curve);
    for (let step = 0; step < rates.length; step++) {
      const difference = Math.log((rates[step] as number) / (curve.learningRates[step] as number));
      // A rule may stop at a rate of 0: then it agrees as little as may be.
      sum += Math.min(difference * difference, mostSquare);
    }
    count += rates.length;
  }
  return sum / count;
}

/** (log 1e6)². */
const mostSquare = Math.log(1e6) ** 2;

/**
 * Share of what a policy does to the rate that a rule does too: 1 − disagreement / that of a constant rate. At most 1; below 0, worse than
 * leaving the rate alone; null where the policy left it alone, so that there is nothing to explain.
 */
export function explained(curves: readonly PolicyCurve[], spec: ScheduleSpec): number | null {
  const constant = disagreement(curves, ({ learningRates, baseRate }) =>
    new Float64Array(learningRates.length).fill(baseRate),
  );
  return constant === 0 ? null : 1 - disagreement(curves, (curve) => replayed(spec, curve)) / constant;
}

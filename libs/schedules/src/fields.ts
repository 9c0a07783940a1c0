import { z } from "zod";

const mostSteps = 1_000_000_000;

/** A count of steps, at least `min`. */
export function stepCount({ min }: { readonly min: number }): z.ZodInt {
  return z.int().min(min).max(mostSteps);
}

/** Steps at which something happens, increasing. */
export function milestonesField() {
  return z
    .array(stepCount({ min: 1 }))
    .min(1)
    .max(1000)
    .refine((milestones) => milestones.every((each, i) => i === 0 || each > (milestones[i - 1] as number)), {
      error: "milestones must increase",
    });
}

/** The end of a rule that falls towards it. */
export function horizon() {
  return stepCount({ min: 1 }).optional().meta({
    description: "steps until the end of the fall, constant afterwards; left out: the trial's steps (less a warm-up's)",
    unit: "steps",
  });
}

/** The horizon of a rule that is a function of the step: as given, else the trial's. */
export function horizonOf(
  { steps }: { readonly steps?: number | undefined },
  trial: { readonly steps: number },
): number {
  return steps ?? trial.steps;
}

/** A factor by which a rule lowers the rate now and then. */
export function decayFactor() {
  return z.number().gt(0).max(1);
}

/** A share of the base learning rate, 0 to 1. */
export function fraction() {
  return z.number().min(0).max(1);
}

/** A learning rate that does not scale with the base one. */
export function absoluteRate() {
  return z.number().min(0).max(1e6);
}

export const unitOfFraction = "fraction of the base learning rate";
export const unitOfRate = "learning rate (absolute)";
export const unitOfFactor = "factor";

import { z } from "zod";
import { absoluteRate, fraction, horizon, horizonOf, unitOfFraction, unitOfRate } from "../fields.js";
import { parametersOf, type Rule, type WarningOptions } from "../rule.js";

const schema = z
  .strictObject({
    kind: z.literal("cosine"),
    minLearningRate: absoluteRate().default(0).meta({ description: "the least rate", unit: unitOfRate }),
    minFraction: fraction()
      .optional()
      .meta({ description: "the least rate, instead of minLearningRate", unit: unitOfFraction }),
    cycles: z
      .number()
      .gt(0)
      .max(1000)
      .default(0.5)
      .meta({ description: "waves over the horizon: 0.5 falls once, 1 falls and rises again", unit: "waves" }),
    steps: horizon(),
  })
  .refine(({ minLearningRate, minFraction }) => minFraction === undefined || minLearningRate === 0, {
    path: ["minFraction"],
    error: "minFraction must not be given with a minLearningRate",
  });

/**
 * η(t) = m + ½ (η₀ − m) (1 + cos(2π c min(t, T) / T)),  m = minLearningRate or minFraction · η₀, c = cycles, T = steps
 *
 * Loshchilov & Hutter, SGDR, 2017, eq. 5 without restarts (arXiv:1608.03983); PyTorch, CosineAnnealingLR until T;
 * transformers, get_cosine_schedule_with_warmup and get_cosine_with_min_lr_schedule_with_warmup (c = num_cycles, minFraction =
 * min_lr_rate).
 */
export const cosine: Rule<typeof schema> = {
  kind: "cosine",
  description: "Half a cosine wave from the base rate to the least one",
  source: "Loshchilov & Hutter, SGDR, 2017, arXiv:1608.03983; PyTorch CosineAnnealingLR",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, options) {
    const { minLearningRate, minFraction, cycles } = spec;
    const least = minFraction === undefined ? minLearningRate : minFraction * options.learningRate;
    const decaySteps = horizonOf(spec, options);
    return (t) => {
      const progress = Math.min(t, decaySteps) / decaySteps;
      const share = 0.5 * (1 + Math.cos(2 * Math.PI * cycles * progress));
      return least + (options.learningRate - least) * share;
    };
  },
  warnings: warnAboutMinimum,
};

/** A base rate below the least one turns the fall into a rise. */
export function warnAboutMinimum(
  { minLearningRate }: { readonly minLearningRate: number },
  { learningRate }: WarningOptions,
): string[] {
  if (learningRate >= minLearningRate) return [];
  return [`the base learning rate ${learningRate} is below minLearningRate ${minLearningRate}: the rate rises to it`];
}

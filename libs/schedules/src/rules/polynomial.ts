import { z } from "zod";
import { absoluteRate, horizon, horizonOf, unitOfRate } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const schema = z.strictObject({
  kind: z.literal("polynomial"),
  power: z.number().gt(0).max(100).default(1).meta({ description: "power of the remaining share", unit: "exponent" }),
  finalLearningRate: absoluteRate()
    .default(0)
    .meta({ description: "the rate at the horizon and after it", unit: unitOfRate }),
  steps: horizon(),
});

/**
 * η(t) = η_T + (η₀ − η_T) (1 − min(t, T) / T)^p,  η_T = finalLearningRate, T = steps, p = power
 *
 * transformers, get_polynomial_decay_schedule_with_warmup (there η_T = 1e-7); PyTorch, PolynomialLR (η_T = 0).
 */
export const polynomial: Rule<typeof schema> = {
  kind: "polynomial",
  description: "Falls to the final rate as a power of the remaining share of the horizon",
  source: "PyTorch PolynomialLR; transformers get_polynomial_decay_schedule_with_warmup",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, options) {
    const { learningRate } = options;
    const { power, finalLearningRate } = spec;
    const decaySteps = horizonOf(spec, options);
    return (t) => {
      const remaining = 1 - Math.min(t, decaySteps) / decaySteps;
      return finalLearningRate + (learningRate - finalLearningRate) * remaining ** power;
    };
  },
  warnings: ({ finalLearningRate }, { learningRate }) =>
    learningRate < finalLearningRate
      ? [`the base learning rate ${learningRate} is below finalLearningRate ${finalLearningRate}: the rate rises`]
      : [],
};

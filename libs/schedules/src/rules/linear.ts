import { z } from "zod";
import { fraction, horizon, horizonOf, unitOfFraction } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const schema = z.strictObject({
  kind: z.literal("linear"),
  startFraction: fraction().default(1).meta({ description: "the rate at step 0", unit: unitOfFraction }),
  finalFraction: fraction()
    .default(0)
    .meta({ description: "the rate at the horizon and after it", unit: unitOfFraction }),
  steps: horizon(),
});

/**
 * η(t) = η₀ (a + (b − a) min(t, T) / T),  a = startFraction, b = finalFraction, T = steps
 *
 * PyTorch, LinearLR; with the defaults transformers' get_linear_schedule_with_warmup.
 */
export const linear: Rule<typeof schema> = {
  kind: "linear",
  description: "A straight line to the final rate",
  source: "PyTorch LinearLR; transformers get_linear_schedule_with_warmup",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, options) {
    const { startFraction, finalFraction } = spec;
    const decaySteps = horizonOf(spec, options);
    return (t) => {
      const progress = Math.min(t, decaySteps) / decaySteps;
      return options.learningRate * (startFraction + (finalFraction - startFraction) * progress);
    };
  },
};

import { z } from "zod";
import { stepCount } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const usualTimescale = 10_000;

const schema = z.strictObject({
  kind: z.literal("inverse-square-root"),
  timescale: stepCount({ min: 1 })
    .optional()
    .meta({
      description: `after three times this the rate has halved; left out: the steps of the warm-up around it, or ${usualTimescale} without`,
      unit: "steps",
    }),
});

/**
 * η(t) = η₀ / √((t + τ) / τ),  τ = timescale, t counted from the end of a warm-up
 *
 * Vaswani et al., Attention is all you need, 2017, eq. 3, in the form of transformers' get_inverse_sqrt_schedule.
 */
export const inverseSquareRoot: Rule<typeof schema> = {
  kind: "inverse-square-root",
  description: "Falls with the square root of the step, without a horizon",
  source: "Vaswani et al., Attention is all you need, 2017, arXiv:1706.03762; transformers get_inverse_sqrt_schedule",
  parameters: parametersOf(schema.shape),
  example: { timescale: 10 },
  schema,
  create({ timescale }, { learningRate, warmupSteps }) {
    const scale = timescale ?? (warmupSteps || usualTimescale);
    return (t) => learningRate / Math.sqrt((t + scale) / scale);
  },
};

import { z } from "zod";
import { horizon, horizonOf } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const schema = z.strictObject({ kind: z.literal("rex"), steps: horizon() });

/**
 * η(t) = η₀ (1 − z) / (½ + ½ (1 − z)),  z = min(t, T) / T,  T = steps
 *
 * Chen, Wolfe & Kyrillidis, REX: Revisiting budgeted training with an improved schedule, 2022 (arXiv:2107.04197).
 */
export const rex: Rule<typeof schema> = {
  kind: "rex",
  description: "Falls slowly at first and fast at the end of the horizon",
  source: "Chen, Wolfe & Kyrillidis, REX, 2022, arXiv:2107.04197",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, options) {
    const decaySteps = horizonOf(spec, options);
    return (t) => {
      const left = 1 - Math.min(t, decaySteps) / decaySteps;
      return (options.learningRate * left) / (0.5 + 0.5 * left);
    };
  },
};

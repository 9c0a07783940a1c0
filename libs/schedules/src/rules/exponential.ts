import { z } from "zod";
import { decayFactor, unitOfFactor } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const schema = z.strictObject({
  kind: z.literal("exponential"),
  factor: decayFactor().meta({ description: "what every step multiplies the rate by", unit: `${unitOfFactor} a step` }),
});

/**
 * η(t) = η₀ γ^t,  γ = factor
 *
 * PyTorch, ExponentialLR.
 */
export const exponential: Rule<typeof schema> = {
  kind: "exponential",
  description: "Falls by a factor every step",
  source: "PyTorch ExponentialLR",
  parameters: parametersOf(schema.shape),
  example: { factor: 0.97 },
  schema,
  create:
    ({ factor }, { learningRate }) =>
    (t) =>
      learningRate * factor ** t,
};

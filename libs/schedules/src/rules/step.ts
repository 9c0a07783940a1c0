import { z } from "zod";
import { decayFactor, stepCount, unitOfFactor } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const schema = z.strictObject({
  kind: z.literal("step"),
  every: stepCount({ min: 1 }).meta({ description: "steps between two falls", unit: "steps" }),
  factor: decayFactor().default(0.1).meta({ description: "what a fall multiplies the rate by", unit: unitOfFactor }),
});

/**
 * η(t) = η₀ γ^⌊t / k⌋,  γ = factor, k = every
 *
 * PyTorch, StepLR.
 */
export const step: Rule<typeof schema> = {
  kind: "step",
  description: "Falls by a factor every so many steps",
  source: "PyTorch StepLR",
  parameters: parametersOf(schema.shape),
  example: { every: 25, factor: 0.5 },
  schema,
  create:
    ({ every, factor }, { learningRate }) =>
    (t) =>
      learningRate * factor ** Math.floor(t / every),
};

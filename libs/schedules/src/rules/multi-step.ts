import { z } from "zod";
import { decayFactor, milestonesField, unitOfFactor } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const schema = z.strictObject({
  kind: z.literal("multi-step"),
  milestones: milestonesField().meta({ description: "the steps at which the rate falls, increasing", unit: "steps" }),
  factor: decayFactor().default(0.1).meta({ description: "what a fall multiplies the rate by", unit: unitOfFactor }),
});

/**
 * η(t) = η₀ γ^#{m ∈ milestones : m ≤ t},  γ = factor
 *
 * PyTorch, MultiStepLR.
 */
export const multiStep: Rule<typeof schema> = {
  kind: "multi-step",
  description: "Falls by a factor at the given steps",
  source: "PyTorch MultiStepLR",
  parameters: parametersOf(schema.shape),
  example: { milestones: [40, 80], factor: 0.5 },
  schema,
  create:
    ({ milestones, factor }, { learningRate }) =>
    (t) =>
      learningRate * factor ** milestones.filter((milestone) => milestone <= t).length,
};

import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

const defaults = { dimension: 20, conditionNumber: 100 } as const;

/** f(x) = ½ Σ aᵢ xᵢ² with known curvatures aᵢ, from 1 / conditionNumber to 1. */
const quadraticSpecSchema = z.strictObject({
  kind: z.literal("quadratic"),
  dimension: z.int().min(1).max(1_000_000).default(defaults.dimension).describe("number of unknowns"),
  conditionNumber: z
    .number()
    .min(1)
    .max(1e12)
    .default(defaults.conditionNumber)
    .describe("largest curvature over the least; the largest is 1, so rates below 2 are stable"),
});
export type QuadraticSpec = z.infer<typeof quadraticSpecSchema>;

/** For example `quadratic-20-cond1000`. */
function quadraticLabel({ dimension, conditionNumber }: QuadraticSpec): string {
  return `quadratic-${dimension}${labelUnlessDefault("cond", conditionNumber, defaults.conditionNumber)}`;
}

function quadraticCost({ dimension }: QuadraticSpec): TaskCost {
  return {
    parameters: dimension,
    flopsPerStep: 8 * dimension,
    bytesPerStep: 4 * 5 * dimension,
    evaluationFlops: 3 * dimension,
  };
}

export const quadraticDefinition: TaskDefinition<typeof quadraticSpecSchema> = {
  kind: "quadratic",
  description: "A convex quadratic of a given condition number: exact gradients, no data",
  parameters: specParameters(quadraticSpecSchema.shape),
  schema: quadraticSpecSchema,
  label: quadraticLabel,
  cost: quadraticCost,
};

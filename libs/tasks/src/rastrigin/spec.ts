import { z } from "zod";
import { specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

/** f(x) = 10 n + Σ xᵢ² − 10 cos(2π xᵢ), a bowl with a local minimum near every point of whole numbers. */
const rastriginSpecSchema = z.strictObject({
  kind: z.literal("rastrigin"),
  dimension: z.int().min(1).max(1_000_000).default(10).describe("number of unknowns"),
});
export type RastriginSpec = z.infer<typeof rastriginSpecSchema>;

/** For example `rastrigin-10`. */
function rastriginLabel({ dimension }: RastriginSpec): string {
  return `rastrigin-${dimension}`;
}

function rastriginCost({ dimension }: RastriginSpec): TaskCost {
  return {
    parameters: dimension,
    flopsPerStep: 40 * dimension,
    bytesPerStep: 4 * 6 * dimension,
    evaluationFlops: 20 * dimension,
  };
}

export const rastriginDefinition: TaskDefinition<typeof rastriginSpecSchema> = {
  kind: "rastrigin",
  description: "Rastrigin's function, a bowl full of local minima: exact gradients, no data",
  parameters: specParameters(rastriginSpecSchema.shape),
  schema: rastriginSpecSchema,
  label: rastriginLabel,
  cost: rastriginCost,
};

import { z } from "zod";
import { specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

/** f(x) = Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², a curved valley with its least value 0 at (1, …, 1). */
const rosenbrockSpecSchema = z.strictObject({
  kind: z.literal("rosenbrock"),
  dimension: z
    .int()
    .min(2)
    .max(1_000_000)
    .default(2)
    .describe("number of unknowns, 2 or more; two is the curved valley of the textbooks"),
});
export type RosenbrockSpec = z.infer<typeof rosenbrockSpecSchema>;

/** For example `rosenbrock-2`. */
function rosenbrockLabel({ dimension }: RosenbrockSpec): string {
  return `rosenbrock-${dimension}`;
}

function rosenbrockCost({ dimension }: RosenbrockSpec): TaskCost {
  return {
    parameters: dimension,
    flopsPerStep: 22 * dimension,
    bytesPerStep: 4 * 8 * dimension,
    evaluationFlops: 8 * dimension,
  };
}

export const rosenbrockDefinition: TaskDefinition<typeof rosenbrockSpecSchema> = {
  kind: "rosenbrock",
  description: "Rosenbrock's function, a narrow curved valley: exact gradients, no data",
  parameters: specParameters(rosenbrockSpecSchema.shape),
  schema: rosenbrockSpecSchema,
  label: rosenbrockLabel,
  cost: rosenbrockCost,
};

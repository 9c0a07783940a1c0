import { z } from "zod";
import { specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

/** f(x) = 20 + e − 20 exp(−0.2 √mean(x²)) − exp(mean(cos 2πx)), a funnel with ripples. */
const ackleySpecSchema = z.strictObject({
  kind: z.literal("ackley"),
  dimension: z.int().min(1).max(1_000_000).default(10).describe("number of unknowns"),
});
export type AckleySpec = z.infer<typeof ackleySpecSchema>;

/** For example `ackley-10`. */
function ackleyLabel({ dimension }: AckleySpec): string {
  return `ackley-${dimension}`;
}

function ackleyCost({ dimension }: AckleySpec): TaskCost {
  return {
    parameters: dimension,
    flopsPerStep: 45 * dimension,
    bytesPerStep: 4 * 7 * dimension,
    evaluationFlops: 22 * dimension,
  };
}

export const ackleyDefinition: TaskDefinition<typeof ackleySpecSchema> = {
  kind: "ackley",
  description: "Ackley's function, a funnel with ripples, flat far out: exact gradients, no data",
  parameters: specParameters(ackleySpecSchema.shape),
  schema: ackleySpecSchema,
  label: ackleyLabel,
  cost: ackleyCost,
};

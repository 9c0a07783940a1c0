import { z } from "zod";
import { type GradientRuleDefinition, ruleParameters } from "../definition.js";

const scheduleFreeSchema = z.strictObject({
  kind: z.literal("schedule-free"),
  beta: z.number().gt(0).lt(1).optional().meta({
    description:
      "share of the average in the point that gradients are taken at; left out: momentum or beta1, 0.9 where sgd has none",
    unit: "share",
  }),
  warmupSteps: z
    .int()
    .min(0)
    .max(1e9)
    .default(0)
    .meta({ description: "steps of a linear rise to the base rate", unit: "steps" }),
  averagingPower: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .meta({ description: "power of the step in an iterate's weight, r; 0 weighs all alike", unit: "" }),
  ratePower: z
    .number()
    .min(0)
    .max(100)
    .default(2)
    .meta({ description: "power of the greatest rate until then in an iterate's weight", unit: "" }),
});
export type ScheduleFreeSpec = z.infer<typeof scheduleFreeSchema>;

export const scheduleFreeDefinition: GradientRuleDefinition<typeof scheduleFreeSchema> = {
  kind: "schedule-free",
  description: "Averages iterates in place of a schedule, evaluated at the average; the base rate is its constant rate",
  source: "Defazio et al., The road less scheduled, 2024 (arXiv:2405.15682)",
  parameters: ruleParameters(scheduleFreeSchema.shape),
  cost: { numbersPerParameter: 1, passes: "" },
  schema: scheduleFreeSchema,
  refuses(optimizer, { beta }) {
    if (optimizer.kind === "sgd")
      return optimizer.nesterov ? "steers sgd with plain momentum, not with Nesterov's" : undefined;
    if (beta === undefined && optimizer.beta1 === 0) return "needs a beta of its own where beta1 is 0";
    return undefined;
  },
};

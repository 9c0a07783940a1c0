import { z } from "zod";
import { type GradientRuleDefinition, ruleParameters } from "../definition.js";

const prodigySchema = z.strictObject({
  kind: z.literal("prodigy"),
  initialDistance: z
    .number()
    .min(1e-10)
    .max(1)
    .default(1e-6)
    .meta({ description: "first estimate of the distance to the solution, d₀", unit: "length of the parameters" }),
  coefficient: z
    .number()
    .gt(0)
    .max(1e3)
    .default(1)
    .meta({ description: "what the estimate is multiplied by", unit: "factor" }),
  growth: z
    .number()
    .gt(1)
    .max(1e6)
    .optional()
    .meta({ description: "how much the estimate may grow in a step; left out: without limit", unit: "factor a step" }),
  beta3: z
    .number()
    .min(0)
    .lt(1)
    .optional()
    .meta({ description: "decay of the estimate's sums; left out: the root of beta2", unit: "" }),
  biasCorrection: z
    .boolean()
    .default(false)
    .meta({ description: "correct the rate for moments that start at zero", unit: "" }),
  safeguardWarmup: z
    .boolean()
    .default(false)
    .meta({ description: "leave the base rate out of the estimate's denominator", unit: "" }),
});
export type ProdigySpec = z.infer<typeof prodigySchema>;

export const prodigyDefinition: GradientRuleDefinition<typeof prodigySchema> = {
  kind: "prodigy",
  description: "D-Adaptation that trusts later gradients more; the base rate is a factor, usually 1",
  source: "Mishchenko & Defazio, Prodigy, 2024 (arXiv:2306.06101)",
  parameters: ruleParameters(prodigySchema.shape),
  cost: { numbersPerParameter: 3, passes: "" },
  schema: prodigySchema,
  refuses: ({ kind }) => (kind === "sgd" ? "steers adam and adamw, not sgd" : undefined),
};

import { z } from "zod";
import { type GradientRuleDefinition, needsPlainSgd, ruleParameters } from "../definition.js";

const lineSearchSchema = z.strictObject({
  kind: z.literal("line-search"),
  c: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.1)
    .meta({ description: "share of the decrease that the gradient promises which a rate must bring", unit: "" }),
  shrink: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.9)
    .meta({ description: "what a refused rate is multiplied by", unit: "factor" }),
  growth: z
    .number()
    .min(1)
    .max(1e6)
    .default(2)
    .meta({ description: "how much the first rate tried may grow in an epoch", unit: "factor an epoch" }),
  tries: z.int().min(1).max(1_000).default(100).meta({ description: "the most rates tried in a step", unit: "tries" }),
  fallback: z
    .number()
    .gt(0)
    .max(1)
    .default(1e-6)
    .meta({ description: "the rate taken when all were refused", unit: "learning rate (absolute)" }),
});
export type LineSearchSpec = z.infer<typeof lineSearchSchema>;

export const lineSearchDefinition: GradientRuleDefinition<typeof lineSearchSchema> = {
  kind: "line-search",
  description: "Armijo line search on each mini-batch; the base rate is the first one tried",
  source: "Vaswani et al., Painless stochastic gradient, 2019 (arXiv:1905.09997), algorithm 1",
  parameters: ruleParameters(lineSearchSchema.shape),
  cost: { numbersPerParameter: 1, passes: "one forward pass for each rate tried" },
  schema: lineSearchSchema,
  refuses: needsPlainSgd,
};

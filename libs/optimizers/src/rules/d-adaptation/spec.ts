import { z } from "zod";
import { type GradientRuleDefinition, ruleParameters } from "../definition.js";

const dAdaptationSchema = z.strictObject({
  kind: z.literal("d-adaptation"),
  initialDistance: z
    .number()
    .min(1e-10)
    .max(1)
    .default(1e-6)
    .meta({ description: "first estimate of the distance to the solution, d₀", unit: "length of the parameters" }),
  growth: z
    .number()
    .gt(1)
    .max(1e6)
    .optional()
    .meta({ description: "how much the estimate may grow in a step; left out: without limit", unit: "factor a step" }),
  biasCorrection: z
    .boolean()
    .default(false)
    .meta({ description: "correct the rate for moments that start at zero, under adam and adamw", unit: "" }),
});
export type DAdaptationSpec = z.infer<typeof dAdaptationSchema>;

export const dAdaptationDefinition: GradientRuleDefinition<typeof dAdaptationSchema> = {
  kind: "d-adaptation",
  description: "Estimates the distance to the solution, and the rate from it; the base rate is a factor, usually 1",
  source: "Defazio & Mishchenko, Learning-rate-free learning by D-Adaptation, 2023 (arXiv:2301.07733)",
  parameters: ruleParameters(dAdaptationSchema.shape),
  cost: { numbersPerParameter: 2, passes: "" },
  schema: dAdaptationSchema,
  refuses(optimizer, { biasCorrection }) {
    if (optimizer.kind !== "sgd") return undefined;
    if (optimizer.nesterov) return "steers sgd with plain momentum, not with Nesterov's";
    if (biasCorrection) return "corrects the bias of adam and adamw, and sgd has none";
    return undefined;
  },
};

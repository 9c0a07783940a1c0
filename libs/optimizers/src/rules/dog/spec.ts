import { z } from "zod";
import { type GradientRuleDefinition, ruleParameters } from "../definition.js";

const dogSchema = z.strictObject({
  kind: z.literal("dog"),
  scope: z
    .enum(["global", "group"])
    .default("global")
    .meta({ description: "one rate for the whole model, or one for each parameter tensor (LDoG)", unit: "" }),
  initialReach: z
    .number()
    .gt(0)
    .max(1)
    .default(1e-6)
    .meta({ description: "how far the first step goes, as a share of 1 + ‖x₀‖", unit: "share" }),
  epsilon: z
    .number()
    .gt(0)
    .max(1)
    .default(1e-8)
    .meta({ description: "added to the sum of squared gradients, against division by 0", unit: "" }),
  evaluate: z
    .enum(["average", "last"])
    .default("average")
    .meta({ description: "what is evaluated: the average of the iterates, or the last of them", unit: "" }),
  averagingPower: z
    .number()
    .min(0)
    .max(1e3)
    .default(8)
    .meta({ description: "how much the average leans on late iterates, γ; 0 weighs all alike", unit: "" }),
});
export type DogSpec = z.infer<typeof dogSchema>;

export const dogDefinition: GradientRuleDefinition<typeof dogSchema> = {
  kind: "dog",
  description: "Distance over gradients, evaluated at an average of iterates; the base rate is a factor, usually 1",
  source: "Ivgi, Hinder & Carmon, DoG is SGD's best friend, 2023 (arXiv:2302.12022)",
  parameters: ruleParameters(dogSchema.shape),
  cost: { numbersPerParameter: 3, passes: "" },
  schema: dogSchema,
  refuses(optimizer) {
    if (optimizer.kind !== "sgd") return `steers sgd, not ${optimizer.kind}`;
    if (optimizer.momentum !== 0) return `steers sgd without momentum, not with ${optimizer.momentum}`;
    return undefined;
  },
};

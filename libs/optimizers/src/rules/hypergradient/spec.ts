import { z } from "zod";
import { type GradientRuleDefinition, ruleParameters } from "../definition.js";

const hypergradientSchema = z
  .strictObject({
    kind: z.literal("hypergradient"),
    scope: z.enum(["global", "group", "parameter"]).default("global").meta({
      description: "one rate for the whole model, one for each parameter tensor, or one for each trained number",
      unit: "",
    }),
    update: z.enum(["additive", "multiplicative"]).default("additive").meta({
      description: "add β times the hypergradient to the rate, or multiply by 1 + β times its cosine",
      unit: "",
    }),
    beta: z.number().min(0).max(1e6).optional().meta({
      description: "rate of the rate; left out: 1e-6 of sgd, 1e-8 of adam, 0.02 when multiplicative",
      unit: "",
    }),
  })
  .refine(({ update, beta }) => update === "additive" || beta === undefined || beta < 1, {
    path: ["beta"],
    error: "a multiplicative update needs a beta below 1, or its rate could vanish or change its sign",
  });
export type HypergradientSpec = z.infer<typeof hypergradientSchema>;

export const hypergradientDefinition: GradientRuleDefinition<typeof hypergradientSchema> = {
  kind: "hypergradient",
  description:
    "Descends the loss in the rate itself, by the gradient's agreement with the last step; starts at the base rate",
  source: "Baydin et al., Online learning rate adaptation with hypergradient descent, 2018 (arXiv:1703.04782)",
  parameters: ruleParameters(hypergradientSchema.shape),
  // The last direction; with a rate for each tensor or number, one more.
  cost: { numbersPerParameter: 1, passes: "" },
  schema: hypergradientSchema,
  refuses: ({ kind }) => (kind === "adamw" ? "steers sgd and adam, not adamw" : undefined),
};

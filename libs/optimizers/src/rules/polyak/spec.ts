import { z } from "zod";
import { type GradientRuleDefinition, needsPlainSgd, ruleParameters } from "../definition.js";

const polyakSchema = z.strictObject({
  kind: z.literal("polyak"),
  c: z.number().gt(0).max(1e6).default(0.5).meta({
    description: "what the gradient's squared norm is multiplied by; a larger one gives lower rates",
    unit: "",
  }),
  leastLoss: z
    .number()
    .min(-1e9)
    .max(1e9)
    .default(0)
    .meta({ description: "the least loss that a mini-batch can have, or a lower bound of it", unit: "loss" }),
  cap: z
    .enum(["smooth", "constant"])
    .default("smooth")
    .meta({ description: "the highest rate: the last one, grown, or always the base rate", unit: "" }),
  growth: z
    .number()
    .min(1)
    .max(1e6)
    .default(2)
    .meta({ description: "how much a smooth cap may grow in an epoch", unit: "factor an epoch" }),
});
export type PolyakSpec = z.infer<typeof polyakSchema>;

export const polyakDefinition: GradientRuleDefinition<typeof polyakSchema> = {
  kind: "polyak",
  description: "Polyak's step to where the gradient says the least loss is, capped; the base rate is the first cap",
  source: "Loizou et al., Stochastic Polyak step-size for SGD, 2021 (arXiv:2002.10542)",
  parameters: ruleParameters(polyakSchema.shape),
  cost: { numbersPerParameter: 0, passes: "" },
  schema: polyakSchema,
  refuses: needsPlainSgd,
};

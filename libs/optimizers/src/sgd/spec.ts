import { z } from "zod";
import { labelOptions, type OptimizerDefinition, specParameters } from "../kind.js";

const defaults = { momentum: 0, nesterov: false, weightDecay: 0 };

/** Stochastic gradient descent, with momentum if wanted. */
const sgdSpecSchema = z
  .strictObject({
    kind: z.literal("sgd"),
    momentum: z.number().min(0).lt(1).default(defaults.momentum).describe("decay of the velocity, in [0, 1)"),
    nesterov: z.boolean().default(defaults.nesterov).describe("look ahead along the velocity; needs momentum"),
    weightDecay: z.number().min(0).max(1).default(defaults.weightDecay).describe("L2 penalty, added to the gradient"),
  })
  .refine(({ momentum, nesterov }) => !nesterov || momentum > 0, {
    path: ["nesterov"],
    error: "nesterov needs a momentum above 0",
  });
export type SgdSpec = z.infer<typeof sgdSpecSchema>;

/** For example `sgd-momentum0.9-nesterov`. */
function sgdLabel({ kind, ...options }: SgdSpec): string {
  return `${kind}${labelOptions(options, defaults, { momentum: "momentum", nesterov: "nesterov", weightDecay: "decay" })}`;
}

export const sgdDefinition: OptimizerDefinition<typeof sgdSpecSchema> = {
  kind: "sgd",
  description: "Stochastic gradient descent; momentum, Nesterov's momentum and weight decay as options",
  source: "Sutskever et al., On the importance of initialization and momentum, 2013; PyTorch's form",
  parameters: specParameters(sgdSpecSchema.shape),
  schema: sgdSpecSchema,
  label: sgdLabel,
};

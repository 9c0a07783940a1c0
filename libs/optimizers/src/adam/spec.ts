import { z } from "zod";
import { labelOptions, type OptimizerDefinition, specParameters } from "../kind.js";

const adamDefaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
const adamwDefaults = { ...adamDefaults, weightDecay: 0.01 };

const moments = {
  beta1: z.number().min(0).lt(1).default(adamDefaults.beta1).describe("decay of the gradient's mean, in [0, 1)"),
  beta2: z.number().min(0).lt(1).default(adamDefaults.beta2).describe("decay of its squared mean, in [0, 1)"),
  epsilon: z
    .number()
    .positive()
    .max(1)
    .default(adamDefaults.epsilon)
    .describe("added to the root, against division by 0"),
};

/** Adam. */
const adamSpecSchema = z.strictObject({ kind: z.literal("adam"), ...moments });
export type AdamSpec = z.infer<typeof adamSpecSchema>;

/** Adam with weight decay taken from the parameter and not from the gradient. */
const adamwSpecSchema = z.strictObject({
  kind: z.literal("adamw"),
  ...moments,
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(adamwDefaults.weightDecay)
    .describe("share of the parameter taken away each step, times the rate"),
});
export type AdamwSpec = z.infer<typeof adamwSpecSchema>;

/** For example `adamw-decay0.1`. */
function adamLabel(spec: AdamSpec | AdamwSpec): string {
  const { kind, ...options } = spec;
  const words = { beta1: "beta1=", beta2: "beta2=", epsilon: "eps", weightDecay: "decay" };
  return spec.kind === "adamw"
    ? `${kind}${labelOptions({ ...options, weightDecay: spec.weightDecay }, adamwDefaults, words)}`
    : `${kind}${labelOptions({ ...options, weightDecay: 0 }, adamDefaults, words)}`;
}

export const adamDefinition: OptimizerDefinition<typeof adamSpecSchema> = {
  kind: "adam",
  description: "Adam: a rate per parameter from running moments of the gradient",
  source: "Kingma & Ba, Adam, 2015 (arXiv:1412.6980)",
  parameters: specParameters(adamSpecSchema.shape),
  schema: adamSpecSchema,
  label: adamLabel,
};

export const adamwDefinition: OptimizerDefinition<typeof adamwSpecSchema> = {
  kind: "adamw",
  description: "Adam with decoupled weight decay",
  source: "Loshchilov & Hutter, Decoupled weight decay regularization, 2019 (arXiv:1711.05101)",
  parameters: specParameters(adamwSpecSchema.shape),
  schema: adamwSpecSchema,
  label: adamLabel,
};

import { z } from "zod";
import { stepCount } from "../fields.js";

/** Numbers are finite: a policy that learned nothing but NaN is none. */
const numbers = z.array(z.number()).readonly();

/** One layer of a network: y = x W + b, W `[in][out]`, b `[out]`; every layer but the last is followed by tanh. */
const layerSchema = z.strictObject({ weights: z.array(numbers).min(1).readonly(), biases: numbers });
export type Layer = z.infer<typeof layerSchema>;

/** What a decision does to the rate. */
export const actionsSchema = z.discriminatedUnion("kind", [
  /** η ← η · factors[a]; the network has one output an action. */
  z.strictObject({
    kind: z.literal("discrete"),
    factors: z
      .array(z.number().gt(0).max(1000))
      .min(2)
      .max(64)
      .readonly()
      .default([0.5, 0.8, 1, 1.25, 2])
      .meta({ description: "what an action multiplies the rate by", unit: "factor" }),
  }),
  /** η ← η · exp(log(most) · tanh(a)); the network has one output, the mean of a. */
  z.strictObject({
    kind: z.literal("continuous"),
    most: z.number().gt(1).max(1000).default(2).meta({
      description: "the rate is multiplied by at most this, and at least its inverse",
      unit: "factor",
    }),
  }),
]);
export type Actions = z.infer<typeof actionsSchema>;

/** How an action is taken from what the network says. */
export const selectionSchema = z.enum(["likeliest", "sample"]);

/**
 * A policy, whole: what `stride policy export` writes and a `{ kind: policy }` schedule reads. Its identity is the SHA-256 of its
 * canonical JSON.
 */
export const policyDocumentSchema = z.strictObject({
  format: z.literal(1),
  /** It decides after every so many steps: k. */
  every: stepCount({ min: 1 }),
  /** Which optional features it was given; the others are always there (features.ts). */
  sees: z.strictObject({ gradients: z.boolean(), bound: z.boolean() }),
  actions: actionsSchema,
  /** The rate stays within the base rate times these. */
  range: z.strictObject({ lowest: z.number().gt(0), highest: z.number().gt(0) }),
  /** "likeliest" takes the most probable (or the mean) action; "sample" draws one. */
  selection: selectionSchema,
  /** Features are normalised: (x − mean) / deviation, cut off at ±10; over `count` decisions so far. */
  normalisation: z.strictObject({ count: z.number().min(0), mean: numbers, deviation: numbers }),
  /** From normalised features to logits, action values (double DQN) or the mean (continuous). */
  actor: z.array(layerSchema).min(1).readonly(),
  /** Logarithm of the deviation of a, where actions are continuous. */
  logDeviation: z.number().exactOptional(),
  /** From normalised features to the expected return; left out by agents that have none. */
  critic: z.array(layerSchema).min(1).readonly().exactOptional(),
});
export type PolicyDocument = z.infer<typeof policyDocumentSchema>;

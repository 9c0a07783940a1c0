import { z } from "zod";

const strength = (most: number, description: string) => z.number().gt(0).max(most).meta({ description });

const gradientShapes = ["gaussian", "spikes", "random-spikes", "bursts"] as const;
const observedShapes = [...gradientShapes, "oscillation", "drift"] as const;

/**
 * What perturbs a training. Every kind reaches something: the gradient, the labels, the inputs, or the loss that the rule sees. The
 * shapes in time, t the step: gaussian, N(0, 1) always; spikes, 1 for 3 steps of every 50; random-spikes, 1 with a probability of
 * 0.02; bursts, N(0, 1) for 20 steps of every 200; oscillation, sin(0.1 t); drift, t / steps.
 */
export const noiseSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("gradient"),
    shape: z.enum(gradientShapes).default("gaussian"),
    strength: strength(1e6, "deviation of what is added to each number of the gradient, by its scale"),
    scale: z
      .enum(["relative", "absolute"])
      .default("relative")
      .meta({ description: "relative: times the root mean square of the trial's gradient in that step" }),
  }),
  z.strictObject({
    kind: z.literal("labels"),
    strength: strength(
      1,
      "share of the training examples whose class is another than the true one, the same ones in each epoch",
    ),
  }),
  z.strictObject({
    kind: z.literal("inputs"),
    strength: strength(1e6, "deviation of what is added to each number that the model sees, drawn anew each step"),
  }),
  z.strictObject({
    kind: z.literal("observed-loss"),
    shape: z.enum(observedShapes).default("gaussian"),
    strength: strength(1e6, "size of what is added to the loss that the rule sees, by its scale"),
    scale: z
      .enum(["relative", "absolute"])
      .default("relative")
      .meta({ description: "relative: times the true loss at that step" }),
  }),
]);
export type Noise = z.infer<typeof noiseSchema>;

/** A short name, one for each distinct noise; "none" without one. */
export function noiseLabel(noise: Noise | undefined): string {
  if (noise === undefined) return "none";
  const shape = "shape" in noise ? `-${noise.shape}` : "";
  const absolute = "scale" in noise && noise.scale === "absolute" ? "-absolute" : "";
  return `${noise.kind}${shape}-${noise.strength}${absolute}`;
}

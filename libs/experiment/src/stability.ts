import { z } from "zod";

/**
 * What a trial does with the stability bound of its task (docs/stability.md): the largest rate at which a step of plain gradient descent does not raise
 * the mini-batch's loss. In a sweep file `clip: stability` beside a schedule's kind stands for `stability: { clip: true }`.
 */
export const stabilitySchema = z.strictObject({
  bound: z.enum(["ray", "block"]).default("ray").meta({
    description:
      "ray: both factors at once, exactly along the step; block: the lesser of both factors' bounds, each updated alone",
  }),
  fraction: z.number().gt(0).max(1000).default(1).meta({ description: "the bound is taken times this" }),
  clip: z.boolean().default(false).meta({ description: "the rate of every step is at most the bound of that step" }),
  start: z
    .boolean()
    .default(false)
    .meta({ description: "learning rates are given as multiples of the bound at the first step" }),
});
export type Stability = z.infer<typeof stabilitySchema>;

import { z } from "zod";
import { fraction, horizon, horizonOf, stepCount, unitOfFraction } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const shapes = ["linear", "cosine", "1-sqrt"] as const;
const usualShare = 0.1;

const schema = z.strictObject({
  kind: z.literal("warmup-stable-decay"),
  warmupSteps: stepCount({ min: 0 }).optional().meta({
    description: "steps of the rise; left out: a tenth of the horizon, rounded down",
    unit: "steps",
  }),
  decaySteps: stepCount({ min: 0 }).optional().meta({
    description: "steps of the fall at the end of the horizon; left out: a tenth of the horizon, rounded down",
    unit: "steps",
  }),
  warmupShape: z
    .enum(shapes)
    .default("linear")
    .meta({ description: "linear, cosine or 1-sqrt: how it rises", unit: "" }),
  decayShape: z
    .enum(shapes)
    .default("cosine")
    .meta({ description: "linear, cosine or 1-sqrt: how it falls", unit: "" }),
  minFraction: fraction()
    .default(0)
    .meta({ description: "the rate at the first step and from the end of the horizon on", unit: unitOfFraction }),
  steps: horizon(),
});
type Shape = (typeof shapes)[number];

/**
 * With W = warmupSteps, D = decaySteps and the stable stretch between them, S = max(0, T − W − D):
 *
 *   η(t) = η₀ (m + (1 − m) (1 − f(1 − t / W)))       t < W,          m = minFraction
 *   η(t) = η₀                                        W ≤ t < W + S
 *   η(t) = η₀ (m + (1 − m) f((t − W − S) / D))       until W + S + D, then η₀ m
 *
 * f falls from 1 to 0: 1 − x (linear), ½ (1 + cos πx) (cosine), 1 − √x (1-sqrt).
 *
 * Hu et al., MiniCPM, 2024 (arXiv:2404.06395); 1-sqrt: Hägele et al., 2024 (arXiv:2405.18392); transformers, get_wsd_schedule.
 */
export const warmupStableDecay: Rule<typeof schema> = {
  kind: "warmup-stable-decay",
  description: "Rises to the base rate, stays there, and falls at the end of the horizon",
  source: "Hu et al., MiniCPM, 2024, arXiv:2404.06395; transformers get_wsd_schedule",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, options) {
    const horizonSteps = horizonOf(spec, options);
    const tenth = Math.floor(usualShare * horizonSteps);
    const { minFraction, warmupSteps = tenth, decaySteps = tenth } = spec;
    const decayStart = warmupSteps + Math.max(0, horizonSteps - warmupSteps - decaySteps);
    const above = (share: number) => options.learningRate * (minFraction + (1 - minFraction) * share);
    return (t) => {
      if (t < warmupSteps) return above(rise(spec.warmupShape, t / warmupSteps));
      if (t < decayStart) return options.learningRate;
      if (t < decayStart + decaySteps) return above(fall(spec.decayShape, (t - decayStart) / decaySteps));
      return above(0);
    };
  },
  warnings({ warmupSteps, decaySteps, steps }, trial) {
    const horizonSteps = steps ?? trial.steps;
    const moving = (warmupSteps ?? 0) + (decaySteps ?? 0);
    if (horizonSteps === undefined || moving <= horizonSteps) return [];
    return [
      `warmupSteps and decaySteps, ${moving} together, do not fit into ${horizonSteps} steps: the fall is cut off`,
    ];
  },
};

function fall(shape: Shape, progress: number): number {
  switch (shape) {
    case "linear":
      return 1 - progress;
    case "cosine":
      return 0.5 * (1 + Math.cos(Math.PI * progress));
    case "1-sqrt":
      return 1 - Math.sqrt(progress);
  }
}

function rise(shape: Shape, progress: number): number {
  return fall(shape, 1 - progress);
}

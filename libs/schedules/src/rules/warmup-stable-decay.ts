import { z } from "zod";
import { fraction, horizon, horizonOf, stepCount, unitOfFraction } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const shapes = ["linear", "cosine", "1-sqrt"] as const;
const usualShare = 0.1;
/** Waves of a cosine that falls from its top to its bottom. */
const onceDown = 0.5;

const fields = z.strictObject({
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
  decayCycles: z.number().gt(0).max(1000).optional().meta({
    description: "waves of a cosine fall: 1 falls and rises again; left out: 0.5, which falls once",
    unit: "waves",
  }),
  minFraction: fraction()
    .default(0)
    .meta({ description: "the rate at the first step and from the end of the horizon on", unit: unitOfFraction }),
  steps: horizon(),
});
const schema = fields.refine(({ decayShape, decayCycles }) => decayCycles === undefined || decayShape === "cosine", {
  path: ["decayCycles"],
  error: "decayCycles needs the decayShape cosine",
});
type Shape = (typeof shapes)[number];

/**
 * With W = warmupSteps, D = decaySteps, T = steps, m = minFraction, the first that holds:
 *
 *   η(t) = η₀ (m + (1 − m) (1 − f(1 − t / W)))       t < W
 *   η(t) = η₀                                        t < T − D
 *   η(t) = η₀ (m + (1 − m) f((t − T + D) / D))       t < T
 *   η(t) = η₀ m                                      from T on
 *
 * f falls from 1 to 0: 1 − x (linear), ½ (1 + cos πx) (cosine), 1 − √x (1-sqrt); ½ (1 + cos 2πcx) falls with c = decayCycles.
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
    const { minFraction, warmupSteps = tenth, decaySteps = tenth, decayCycles = onceDown } = spec;
    const decayStart = horizonSteps - decaySteps;
    const above = (share: number) => options.learningRate * (minFraction + (1 - minFraction) * share);
    return (t) => {
      if (t < warmupSteps) return above(rise(spec.warmupShape, t / warmupSteps));
      if (t < decayStart) return options.learningRate;
      if (t < horizonSteps) return above(fall(spec.decayShape, (t - decayStart) / decaySteps, decayCycles));
      return above(0);
    };
  },
  warnings({ warmupSteps, decaySteps, steps }, trial) {
    const horizonSteps = steps ?? trial.steps;
    const moving = (warmupSteps ?? 0) + (decaySteps ?? 0);
    if (horizonSteps === undefined || moving <= horizonSteps) return [];
    return [
      `warmupSteps and decaySteps, ${moving} together, do not fit into ${horizonSteps} steps: the rise covers the beginning of the fall`,
    ];
  },
};

function fall(shape: Shape, progress: number, cycles = onceDown): number {
  switch (shape) {
    case "linear":
      return 1 - progress;
    case "cosine":
      return 0.5 * (1 + Math.cos(2 * Math.PI * cycles * progress));
    case "1-sqrt":
      return 1 - Math.sqrt(progress);
  }
}

function rise(shape: Shape, progress: number): number {
  return fall(shape, 1 - progress);
}

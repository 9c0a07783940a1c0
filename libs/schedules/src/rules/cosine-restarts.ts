import { z } from "zod";
import { absoluteRate, horizon, horizonOf, stepCount, unitOfRate } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";
import { warnAboutMinimum } from "./cosine.js";

const usualCycles = 4;

const schema = z
  .strictObject({
    kind: z.literal("cosine-restarts"),
    firstPeriod: stepCount({ min: 1 }).optional().meta({
      description: "steps to the first restart, and restarts without end; left out: the horizon is cut into `cycles`",
      unit: "steps",
    }),
    periodFactor: z.int().min(1).max(1000).default(1).meta({
      description: "how many times longer each period is than the one before; needs firstPeriod above 1",
      unit: "factor",
    }),
    cycles: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: `equal periods over the horizon; left out: ${usualCycles}`, unit: "periods" }),
    minLearningRate: absoluteRate().default(0).meta({ description: "the least rate", unit: unitOfRate }),
    steps: horizon(),
  })
  .refine(({ firstPeriod, cycles }) => firstPeriod === undefined || cycles === undefined, {
    path: ["cycles"],
    error: "cycles must not be given with firstPeriod",
  })
  .refine(({ firstPeriod, steps }) => firstPeriod === undefined || steps === undefined, {
    path: ["steps"],
    error: "steps must not be given with firstPeriod: such restarts have no horizon",
  })
  .refine(({ firstPeriod, periodFactor }) => firstPeriod !== undefined || periodFactor === 1, {
    path: ["periodFactor"],
    error: "periodFactor needs firstPeriod",
  });
type CosineRestartsSpec = z.infer<typeof schema>;

/**
 * η(t) = m + ½ (η₀ − m) (1 + cos(π s)),  m = minLearningRate, s = the share of the running period that is over
 *
 * With `firstPeriod` T₀ the i-th period lasts T₀ · periodFactor^i steps, for ever; else `cycles` equal periods fill the horizon,
 * and the rate is m from its end on.
 *
 * Loshchilov & Hutter, SGDR, 2017, eq. 5 (arXiv:1608.03983); PyTorch, CosineAnnealingWarmRestarts;
 * transformers, get_cosine_with_hard_restarts_schedule_with_warmup.
 */
export const cosineRestarts: Rule<typeof schema> = {
  kind: "cosine-restarts",
  description: "Cosine falls that start again from the base rate",
  source: "Loshchilov & Hutter, SGDR, 2017, arXiv:1608.03983; PyTorch CosineAnnealingWarmRestarts",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, options) {
    const { minLearningRate } = spec;
    const periodShare = periodShareOf(spec, horizonOf(spec, options));
    return (t) => {
      const share = 0.5 * (1 + Math.cos(Math.PI * periodShare(t)));
      return minLearningRate + (options.learningRate - minLearningRate) * share;
    };
  },
  warnings: warnAboutMinimum,
};

function periodShareOf(spec: CosineRestartsSpec, horizonSteps: number): (step: number) => number {
  const { firstPeriod, periodFactor, cycles = usualCycles } = spec;
  if (firstPeriod === undefined) return (t) => (t >= horizonSteps ? 1 : ((cycles * t) / horizonSteps) % 1);
  return (t) => {
    if (periodFactor === 1) return (t % firstPeriod) / firstPeriod;
    let start = 0;
    let period = firstPeriod;
    while (t >= start + period) {
      start += period;
      period *= periodFactor;
    }
    return (t - start) / period;
  };
}

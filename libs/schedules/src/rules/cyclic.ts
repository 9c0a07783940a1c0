import { z } from "zod";
import { decayFactor, fraction, stepCount, unitOfFactor, unitOfFraction } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

/** Over the horizon, when the steps of a rise are left out. */
const usualCycles = 4;

const schema = z
  .strictObject({
    kind: z.literal("cyclic"),
    riseSteps: stepCount({ min: 1 })
      .optional()
      .meta({
        description: `steps from the least to the greatest rate; left out: half of a ${usualCycles}th of the trial`,
        unit: "steps",
      }),
    fallSteps: stepCount({ min: 1 }).optional().meta({ description: "steps back; left out: as many", unit: "steps" }),
    lowFraction: fraction()
      .default(0.25)
      .meta({ description: "the least rate, where a cycle begins", unit: unitOfFraction }),
    mode: z.enum(["triangular", "triangular2", "exponential-range"]).default("triangular").meta({
      description:
        "triangular: equal cycles; triangular2: each rises half as high; exponential-range: less high with every step",
      unit: "",
    }),
    factor: decayFactor()
      .optional()
      .meta({
        description: "what a step multiplies the height of the rise by, in exponential-range",
        unit: `${unitOfFactor} a step`,
      }),
  })
  .refine(({ mode, factor }) => (mode === "exponential-range") === (factor !== undefined), {
    path: ["factor"],
    error: "exponential-range needs a factor, and no other mode takes one",
  });

/**
 * η(t) = l + (η₀ − l) x(t) s(t),  l = lowFraction · η₀; x rises from 0 to 1 in riseSteps and falls back to 0 in fallSteps, for ever
 *
 * s = 1 (triangular), 2^−c with c full cycles before (triangular2), γ^t with γ = factor (exponential-range).
 *
 * Smith, Cyclical learning rates for training neural networks, 2017, section 3 (arXiv:1506.01186), who takes l from a quarter to a
 * third of the greatest rate; PyTorch, CyclicLR.
 */
export const cyclic: Rule<typeof schema> = {
  kind: "cyclic",
  description: "Rises to the base rate and falls back, again and again",
  source: "Smith, Cyclical learning rates, 2017, arXiv:1506.01186; PyTorch CyclicLR",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, { learningRate, steps }) {
    const rise = spec.riseSteps ?? Math.max(1, Math.round(steps / usualCycles / 2));
    const fall = spec.fallSteps ?? rise;
    const low = spec.lowFraction * learningRate;
    return (t) => {
      const cycles = Math.floor(t / (rise + fall));
      const inCycle = t - cycles * (rise + fall);
      const height = inCycle <= rise ? inCycle / rise : 1 - (inCycle - rise) / fall;
      const scale = { triangular: 1, triangular2: 2 ** -cycles, "exponential-range": (spec.factor ?? 1) ** t };
      return low + (learningRate - low) * height * scale[spec.mode];
    };
  },
};

import { z } from "zod";
import { fraction, horizon, horizonOf } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";

const schema = z
  .strictObject({
    kind: z.literal("one-cycle"),
    riseFraction: fraction().default(0.3).meta({ description: "share of the horizon spent rising", unit: "fraction" }),
    startDivisor: z.number().min(1).max(1e9).default(25).meta({
      description: "the first rate is the base one (the peak) divided by this",
      unit: "divisor of the base rate",
    }),
    finalDivisor: z
      .number()
      .min(1)
      .max(1e12)
      .default(1e4)
      .meta({ description: "the last rate is the first one divided by this", unit: "divisor of the first rate" }),
    shape: z
      .enum(["cosine", "linear"])
      .default("cosine")
      .meta({ description: "cosine or linear: how it moves", unit: "" }),
    threePhase: z
      .boolean()
      .default(false)
      .meta({ description: "fall as long as it rose, back to the first rate, and only then to the last", unit: "" }),
    steps: horizon(),
  })
  .refine(({ threePhase, riseFraction }) => !threePhase || riseFraction <= 0.5, {
    path: ["riseFraction"],
    error: "threePhase needs a riseFraction of at most 0.5: it falls as long as it rose",
  });
type OneCycleSpec = z.infer<typeof schema>;

interface Phase {
  readonly endStep: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Up from η₀ / startDivisor to η₀, then down to η₀ / (startDivisor · finalDivisor): the phases end at the steps riseFraction · T − 1
 * and T − 1 (three phases: 2 · riseFraction · T − 2 between them), so the last step of the horizon has the last rate.
 *
 * Smith & Topin, Super-convergence, 2018 (arXiv:1708.07120), in the form of PyTorch's OneCycleLR; the rate alone, no momentum.
 */
export const oneCycle: Rule<typeof schema> = {
  kind: "one-cycle",
  description: "Rises to the base rate, then falls far below where it began",
  source: "Smith & Topin, Super-convergence, 2018, arXiv:1708.07120; PyTorch OneCycleLR",
  parameters: parametersOf(schema.shape),
  schema,
  create(spec, options) {
    const horizonSteps = horizonOf(spec, options);
    const phases = phasesOf(spec, options.learningRate, horizonSteps);
    const remaining = spec.shape === "cosine" ? (x: number) => 0.5 * (1 + Math.cos(Math.PI * x)) : (x: number) => 1 - x;
    return (t) => {
      const step = Math.min(t, horizonSteps - 1);
      const found = phases.findIndex(({ endStep }) => step <= endStep);
      const index = found === -1 ? phases.length - 1 : found;
      const { endStep, from, to } = phases[index] as Phase;
      const startStep = phases[index - 1]?.endStep ?? 0;
      const progress = endStep === startStep ? 1 : (step - startStep) / (endStep - startStep);
      return to + (from - to) * remaining(progress);
    };
  },
};

function phasesOf({ riseFraction, startDivisor, finalDivisor, threePhase }: OneCycleSpec, peak: number, steps: number) {
  const first = peak / startDivisor;
  const last = first / finalDivisor;
  const riseEnd = riseFraction * steps - 1;
  const rise: Phase = { endStep: riseEnd, from: first, to: peak };
  if (!threePhase) return [rise, { endStep: steps - 1, from: peak, to: last }];
  const fallEnd = 2 * riseFraction * steps - 2;
  return [rise, { endStep: fallEnd, from: peak, to: first }, { endStep: steps - 1, from: first, to: last }];
}

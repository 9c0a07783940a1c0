import { z } from "zod";
import { createPart, isOpenLoop, partRuleOf, partScheduleSchema } from "../part-rules.js";
import { parametersOf, type Rule } from "../rule.js";
import type { Schedule } from "../schedule.js";

const schema = z.strictObject({
  kind: z.literal("product"),
  schedules: z
    .array(partScheduleSchema)
    .min(2)
    .max(100)
    .refine((schedules) => schedules.every(isOpenLoop), {
      error:
        "schedules must depend on the step alone: beside one that watches the training the rate would move between its decisions",
    })
    .meta({
      description: "the rules multiplied, each as its share of the base rate: any open-loop rule, also after a warm-up",
      unit: "",
    }),
});

/**
 * η(t) = η₀ ∏ᵢ ηᵢ(t) / η₀,  ηᵢ the rate of the i-th schedule from the base rate η₀, all from step 0 and with the trial's horizon
 *
 * PyTorch, ChainedScheduler, of schedulers that multiply the rate they find (ConstantLR, StepLR, MultiStepLR, LinearLR, ExponentialLR,
 * PolynomialLR, CosineAnnealingLR with eta_min 0); its others overwrite that rate, and there the last one wins.
 */
export const product: Rule<typeof schema> = {
  kind: "product",
  description: "Several schedules at once, multiplied",
  source: "PyTorch ChainedScheduler",
  parameters: parametersOf(schema.shape),
  example: { schedules: [{ kind: "cosine" }, { kind: "step", every: 25, factor: 0.5 }] },
  schema,
  create({ schedules }, options) {
    const { learningRate } = options;
    const factors = schedules.map((part) => createPart(part, options) as Schedule);
    return (t) => factors.reduce((rate, factor) => rate * (factor(t) / learningRate), learningRate);
  },
  warnings: ({ schedules }, trial) => schedules.flatMap((part) => partRuleOf(part).warnings?.(part, trial) ?? []),
};

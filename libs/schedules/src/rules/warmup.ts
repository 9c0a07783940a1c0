import { z } from "zod";
import { fraction, stepCount } from "../fields.js";
import { plainRuleOf, plainScheduleSchema } from "../plain-rules.js";
import { parametersOf, type Rule } from "../rule.js";
import type { Schedule } from "../schedule.js";
import { scheduleThen } from "../schedule-then.js";

const schema = z.strictObject({
  kind: z.literal("warmup"),
  steps: stepCount({ min: 1 }).meta({ description: "length of the ramp", unit: "steps" }),
  startFraction: fraction().default(0).meta({
    description: "the rate at step 0; at 0 the first step moves nothing",
    unit: "fraction of the following rule's first rate",
  }),
  shape: z.enum(["linear", "constant"]).optional().meta({
    description: "linear: a ramp; constant: startFraction all along, then the whole rate at once; left out: linear",
    unit: "",
  }),
  schedule: plainScheduleSchema.meta({ description: "the rule that follows: any but another warm-up", unit: "" }),
});

/**
 * A linear ramp to the first rate of another rule, which then begins as if the trial began there, with the steps that are left:
 *
 *   η(t) = r (a + (1 − a) t / W) for t < W,  then the rule at t − W,   W = steps, a = startFraction, r = the rule's first rate
 *
 * or, constant, η(t) = r a for t < W.
 *
 * A closed-loop rule sees the losses of the steps taken at its own rates, from step W on; the steps and evaluations it looks at
 * are counted as without a warm-up.
 *
 * Goyal et al., Accurate, large minibatch SGD, 2017, §2.2 (arXiv:1706.02677), gradual and constant; transformers, every
 * get_…_with_warmup (a = 0); PyTorch, ConstantLR (constant, before a constant schedule).
 */
export const warmup: Rule<typeof schema> = {
  kind: "warmup",
  description: "A warm-up before any other schedule",
  source: "Goyal et al., Accurate, large minibatch SGD, 2017, arXiv:1706.02677; transformers' warm-ups",
  parameters: parametersOf(schema.shape),
  example: { steps: 20, schedule: { kind: "cosine" } },
  schema,
  create(spec, options) {
    const following = plainRuleOf(spec.schedule).create(spec.schedule, {
      learningRate: options.learningRate,
      steps: Math.max(1, options.steps - spec.steps),
      warmupSteps: spec.steps,
    });
    const target = typeof following === "function" ? following(0) : following.learningRate(following.init());
    return scheduleThen(rampTo(target, spec), spec.steps, following);
  },
  decisions({ steps, schedule }) {
    const decided = plainRuleOf(schedule).decisions?.(schedule);
    return decided?.kind === "closed-loop" ? { ...decided, warmupSteps: steps } : { kind: "open-loop" };
  },
  warnings({ steps, schedule }, trial) {
    const left = trial.steps === undefined ? {} : { steps: Math.max(1, trial.steps - steps) };
    const following = plainRuleOf(schedule).warnings?.(schedule, { ...trial, ...left }) ?? [];
    if (trial.steps === undefined || trial.steps > steps) return following;
    return [`the warm-up of ${steps} steps fills all ${trial.steps} steps of the trial`, ...following];
  },
};

interface Ramp {
  readonly steps: number;
  readonly startFraction: number;
  readonly shape?: "linear" | "constant" | undefined;
}

function rampTo(target: number, { steps, startFraction, shape = "linear" }: Ramp): Schedule {
  if (shape === "constant") return () => target * startFraction;
  return (step) => target * (startFraction + (1 - startFraction) * (step / steps));
}

import { z } from "zod";
import { fraction, stepCount } from "../fields.js";
import { plainRuleOf, plainScheduleSchema } from "../plain-rules.js";
import { parametersOf, type Rule } from "../rule.js";
import type { Json, Schedule, Scheduler } from "../schedule.js";

const schema = z.strictObject({
  kind: z.literal("warmup"),
  steps: stepCount({ min: 1 }).meta({ description: "length of the ramp", unit: "steps" }),
  startFraction: fraction().default(0).meta({
    description: "the rate at step 0; at 0 the first step moves nothing",
    unit: "fraction of the following rule's first rate",
  }),
  schedule: plainScheduleSchema.meta({ description: "the rule that follows: any but another warm-up", unit: "" }),
});

/**
 * A linear ramp to the first rate of another rule, which then begins as if the trial began there, with the steps that are left:
 *
 *   η(t) = r (a + (1 − a) t / W) for t < W,  then the rule at t − W,   W = steps, a = startFraction, r = the rule's first rate
 *
 * A closed-loop rule sees the losses of the steps taken at its own rates, from step W on; the steps and evaluations it looks at
 * are counted as without a warm-up.
 *
 * Goyal et al., Accurate, large minibatch SGD, 2017, §2.2 (arXiv:1706.02677); transformers, every get_…_with_warmup (a = 0).
 */
export const warmup: Rule<typeof schema> = {
  kind: "warmup",
  description: "A linear warm-up before any other schedule",
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
    return typeof following === "function" ? rampThenSchedule(following, spec) : rampThenScheduler(following, spec);
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
}

function rampRate(step: number, target: number, { steps, startFraction }: Ramp): number {
  return target * (startFraction + (1 - startFraction) * (step / steps));
}

function rampThenSchedule(schedule: Schedule, ramp: Ramp): Schedule {
  const target = schedule(0);
  return (step) => (step < ramp.steps ? rampRate(step, target, ramp) : schedule(step - ramp.steps));
}

/** `step` is the step whose rate is asked for next, until the ramp is over. */
type RampState = { readonly step: number; readonly rule: Json };

function rampThenScheduler(scheduler: Scheduler, ramp: Ramp): Scheduler<RampState> {
  const target = scheduler.learningRate(scheduler.init());
  return {
    init: () => ({ step: 0, rule: scheduler.init() }),
    learningRate: ({ step, rule }) => (step < ramp.steps ? rampRate(step, target, ramp) : scheduler.learningRate(rule)),
    update: ({ rule }, observation) => ({
      step: Math.min(observation.step + 1, ramp.steps),
      rule: observation.step < ramp.steps ? rule : scheduler.update(rule, observation),
    }),
  };
}

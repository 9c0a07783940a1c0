import { z } from "zod";
import { milestonesField } from "../fields.js";
import { createPart, isOpenLoop, type PartScheduleSpec, partRuleOf, partScheduleSchema } from "../part-rules.js";
import { parametersOf, type Rule } from "../rule.js";
import type { Schedule, Scheduler } from "../schedule.js";
import { scheduleThen } from "../schedule-then.js";

const schema = z
  .strictObject({
    kind: z.literal("sequence"),
    milestones: milestonesField().meta({
      description: "the steps at which the next schedule begins, increasing",
      unit: "steps",
    }),
    schedules: z
      .array(partScheduleSchema)
      .min(2)
      .max(1001)
      .refine((schedules) => schedules.slice(0, -1).every(isOpenLoop), {
        error:
          "schedules must depend on the step alone, except the last: after one that watches the training the rate would move between its decisions",
      })
      .refine((schedules) => !endsInWarmedClosedLoop(schedules), {
        error:
          "schedules must not end in a warm-up before a rule that watches the training: give its ramp as a linear schedule",
      })
      .meta({
        description:
          "one more than milestones: each begins at its base rate and step 0, the first at once; the last may watch a loss",
        unit: "",
      }),
  })
  .refine(({ milestones, schedules }) => schedules.length === milestones.length + 1, {
    path: ["schedules"],
    error: "schedules must be one more than milestones",
  });
type SequenceSpec = z.infer<typeof schema>;

/**
 * η(t) = ηᵢ(t − mᵢ) for mᵢ ≤ t < mᵢ₊₁,  m₀ = 0, m₁, m₂, … = milestones, ηᵢ the i-th schedule from the base rate
 *
 * A horizon that a schedule does not give is its stretch, and the last one's is what is left of the trial. A closed-loop rule may be
 * the last: what comes before it is to training as a warm-up is, and it sees the losses of the steps taken at its own rates.
 *
 * PyTorch, SequentialLR.
 */
export const sequence: Rule<typeof schema> = {
  kind: "sequence",
  description: "One schedule after the other, changing over at given steps",
  source: "PyTorch SequentialLR",
  parameters: parametersOf(schema.shape),
  example: {
    milestones: [20, 60],
    schedules: [{ kind: "linear", startFraction: 0.1, finalFraction: 1 }, { kind: "constant" }, { kind: "cosine" }],
  },
  schema,
  create(spec, { learningRate, steps }) {
    const parts = stretchesOf(spec, steps).map(({ part, steps: length }) =>
      createPart(part, { learningRate, steps: length }),
    );
    const last = parts.at(-1) as Schedule | Scheduler;
    const before = inTurn(parts.slice(0, -1) as Schedule[], spec.milestones);
    return scheduleThen(before, spec.milestones.at(-1) as number, last);
  },
  decisions({ milestones, schedules }) {
    const last = schedules.at(-1) as PartScheduleSpec;
    const decided = partRuleOf(last).decisions?.(last);
    if (decided?.kind !== "closed-loop") return { kind: "open-loop" };
    return { ...decided, warmupSteps: milestones.at(-1) as number };
  },
  warnings(spec, trial) {
    const { steps, learningRate } = trial;
    const inside = stretchesOf(spec, steps).flatMap(
      ({ part, steps: length }) =>
        partRuleOf(part).warnings?.(part, { learningRate, ...(length === undefined ? {} : { steps: length }) }) ?? [],
    );
    const never = spec.milestones.filter((milestone) => steps !== undefined && milestone >= steps);
    if (never.length === 0) return inside;
    return [
      `milestone ${never[0]} lies beyond the ${steps} steps of the trial: what follows it is never reached`,
      ...inside,
    ];
  },
};

/** Each part with the steps until the next; the last one's follow from the trial's, at least 1, if those are known. */
function stretchesOf<Steps extends number | undefined>({ milestones, schedules }: SequenceSpec, trialSteps: Steps) {
  return schedules.map((part, i) => {
    const start = milestones[i - 1] ?? 0;
    const end = milestones[i] ?? trialSteps;
    return { part, steps: (end === undefined ? undefined : Math.max(1, end - start)) as number | Steps };
  });
}

/** The schedules in turn, the last of them for ever. */
function inTurn(schedules: readonly Schedule[], milestones: readonly number[]): Schedule {
  return (step) => {
    const index = milestones.slice(0, schedules.length - 1).filter((milestone) => milestone <= step).length;
    return (schedules[index] as Schedule)(step - (milestones[index - 1] ?? 0));
  };
}

function endsInWarmedClosedLoop(schedules: readonly PartScheduleSpec[]): boolean {
  const last = schedules.at(-1);
  return last?.kind === "warmup" && !isOpenLoop(last);
}

import { gradientRuleSpecSchema, isGradientRule, optimizerSpecSchema } from "@stride/optimizers/spec";
import { scheduleSpecSchema } from "@stride/schedules/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.js";
import { controlSchema } from "./controls.js";
import type { Cohort, RateSpec, Trial } from "./domain.js";
import { noiseSchema } from "./noise.js";
import { stabilitySchema } from "./stability.js";

const count = z.int().min(1);

/** What may set a learning rate. */
export const rateSpecSchema: z.ZodType<RateSpec> = z.discriminatedUnion("kind", [
  scheduleSpecSchema,
  gradientRuleSpecSchema,
  controlSchema,
]);

/** A trial as JSON carries it; accepts what `planTrials` makes, and gives it back unchanged. */
export const trialSchema: z.ZodType<Trial> = z.strictObject({
  trialId: z.string().min(1),
  task: taskSpecSchema,
  optimizer: optimizerSpecSchema,
  scheduleName: z.string().min(1),
  schedule: rateSpecSchema,
  noise: noiseSchema.exactOptional(),
  stability: stabilitySchema.exactOptional(),
  drawn: z.literal(true).exactOptional(),
  learningRate: z.number().gt(0),
  seed: z.int().min(0),
  split: z.enum(["tuning", "report"]),
  steps: count,
  evaluateEvery: count,
});

/** A cohort as JSON carries it: what a worker parses at its door. */
export const cohortSchema: z.ZodType<Cohort> = z
  .strictObject({
    cohortId: z.string().min(1),
    studyName: z.string().min(1),
    trials: z.array(trialSchema).readonly(),
    modules: z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string()).exactOptional(),
  })
  .refine(({ trials }) => new Set(trials.map(programOf)).size <= 1, {
    path: ["trials"],
    error: "trials must share task, optimizer, gradient rule, noise, stability, steps and evaluateEvery",
  });

function programOf({ task, optimizer, schedule, noise, stability, steps, evaluateEvery }: Trial): string {
  const rule = isGradientRule(schedule) ? schedule : null;
  return canonicalJson([task, optimizer, rule, noise ?? null, stability ?? null, steps, evaluateEvery]);
}

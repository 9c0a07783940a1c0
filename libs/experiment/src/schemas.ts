import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { scheduleSpecSchema } from "@stride/schedules/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.js";
import type { Cohort, Trial } from "./domain.js";

const count = z.int().min(1);

/** A trial as JSON carries it; accepts what `planTrials` makes, and gives it back unchanged. */
export const trialSchema: z.ZodType<Trial> = z.strictObject({
  trialId: z.string().min(1),
  task: taskSpecSchema,
  optimizer: optimizerSpecSchema,
  scheduleName: z.string().min(1),
  schedule: scheduleSpecSchema,
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
  })
  .refine(({ trials }) => new Set(trials.map(programOf)).size <= 1, {
    path: ["trials"],
    error: "trials must share task, optimizer, steps and evaluateEvery",
  });

function programOf({ task, optimizer, steps, evaluateEvery }: Trial): string {
  return canonicalJson([task, optimizer, steps, evaluateEvery]);
}

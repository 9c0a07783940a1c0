import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { scheduleSpecSchema } from "@stride/schedules/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import type { Cohort, Trial, TrialResult } from "../domain.js";
import type { AttemptKey, AttemptReport, PlannedStudy } from "../ports.js";

export interface SampleCohortOptions {
  /** "sample" when left out. */
  readonly studyName?: string;
  /** Tells the cohorts of a study apart; trials differ by it. 0 when left out. */
  readonly number?: number;
  /** How many trials; 2 when left out. */
  readonly trials?: number;
  readonly steps?: number;
}

const task = taskSpecSchema.parse({ kind: "quadratic", dimension: 4, conditionNumber: 10 });
const optimizer = optimizerSpecSchema.parse({ kind: "sgd", momentum: 0.9 });
const schedules = [
  { scheduleName: "greedy", schedule: scheduleSpecSchema.parse({ kind: "greedy", patience: 2, factor: 0.5 }) },
  { scheduleName: "cosine", schedule: scheduleSpecSchema.parse({ kind: "cosine" }) },
];

/** A small valid cohort; its ids follow from the study's name and the number. */
export function sampleCohort(options: SampleCohortOptions = {}): Cohort {
  const { studyName = "sample", number = 0, trials = 2, steps = 40 } = options;
  const cohortId = `c-${studyName}-${number}`;
  return {
    cohortId,
    studyName,
    trials: Array.from({ length: trials }, (_, index): Trial => {
      const rule = schedules[index % schedules.length] as (typeof schedules)[number];
      return {
        trialId: `t-${studyName}-${number}-${index}`,
        task,
        optimizer,
        ...rule,
        learningRate: 0.1 + 1e-7,
        seed: 1000 * number + Math.floor(index / schedules.length),
        split: number % 2 === 0 ? "report" : "tuning",
        steps,
        evaluateEvery: 10,
      };
    }),
  };
}

export interface SampleStudyOptions {
  readonly name: string;
  /** How many cohorts; 1 when left out. */
  readonly cohorts?: number;
  readonly trials?: number;
  readonly steps?: number;
}

/** A study of sample cohorts. */
export function sampleStudy({ name, cohorts = 1, ...each }: SampleStudyOptions): PlannedStudy {
  return {
    name,
    source: `study: ${name}\n`,
    sweep: { study: name, steps: each.steps ?? 40, nested: { list: [1, 0.5, "x", null, true] } },
    cohorts: Array.from({ length: cohorts }, (_, number) => sampleCohort({ ...each, studyName: name, number })),
  };
}

/** The loss a sample report gives for a trial's place in its cohort and a step: recognisable, and exact in 32 bits. */
export const sampleLoss = (place: number, step: number) => 1 + place + step / 1024;
export const sampleRate = (place: number, step: number) => 0.1 / (1 + place + step);

/** A report of the steps `from` to `to` (exclusive) of every trial, with one evaluation each after them. */
export function sampleReport(
  { trials }: Cohort,
  { cohortId, token, from, to }: AttemptKey & { readonly from: number; readonly to: number },
): AttemptReport {
  const steps = Array.from({ length: to - from }, (_, index) => from + index);
  return {
    cohortId,
    token,
    step: to,
    chunks: trials.map(({ trialId }, place) => ({
      trialId,
      firstStep: from,
      trainingLosses: Float32Array.from(steps, (step) => sampleLoss(place, step)),
      learningRates: Float64Array.from(steps, (step) => sampleRate(place, step)),
    })),
    evaluations: trials.map(({ trialId }, place) => ({ trialId, step: to, loss: sampleLoss(place, to) + 1e-9 })),
  };
}

/** One result a trial, all completed, unlike each other. */
export function sampleResults({ trials }: Cohort): readonly TrialResult[] {
  return trials.map(({ trialId, steps }, place) => ({
    trialId,
    outcome: { kind: "completed" },
    steps,
    finalEvaluationLoss: 0.1 + place,
    bestEvaluationLoss: 0.05 + place,
    areaUnderCurve: 0.3 + place,
    forwardPasses: steps + place,
    backwardPasses: steps,
    seconds: 0.25 + place,
  }));
}

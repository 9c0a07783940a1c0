import type { GradientRuleSpec, OptimizerSpec } from "@stride/optimizers/spec";
import type { ScheduleSpec } from "@stride/schedules/spec";
import type { TaskSpec } from "@stride/tasks/spec";
import type { ControlSpec } from "./controls.js";
import type { Noise } from "./noise.js";
import type { Stability } from "./stability.js";

/** What sets the learning rate: a function of time, a rule that watches losses, one that works on gradients, or a control. */
export type RateSpec = ScheduleSpec | GradientRuleSpec | ControlSpec;

/** Tuning seeds choose the learning rate; report seeds judge it. */
export type Split = "tuning" | "report";

/** One task, optimizer, scheduler, base learning rate and seed, for so many steps. */
export interface Trial {
  /** Derived from the content of everything below and the study's name (`trialId` in plan.ts). */
  readonly trialId: string;
  readonly task: TaskSpec;
  readonly optimizer: OptimizerSpec;
  /** The label under which the schedule is compared (its `name` in the sweep). */
  readonly scheduleName: string;
  readonly schedule: RateSpec;
  /** Left out: none. */
  readonly noise?: Noise;
  /** What is done with the task's stability bound; left out: it is not computed. */
  readonly stability?: Stability;
  /** True where the rate and the schedule's parameters were drawn in a random search; else left out. */
  readonly drawn?: true;
  readonly learningRate: number;
  readonly seed: number;
  readonly split: Split;
  readonly steps: number;
  readonly evaluateEvery: number;
}

/** Trials of one task and optimizer trained together in one tensor program; the unit of delivery and of recording. */
export interface Cohort {
  readonly cohortId: string;
  readonly studyName: string;
  /** All share task, optimizer, gradient rule, noise, stability, steps and evaluateEvery. Their order is part of the plan. */
  readonly trials: readonly Trial[];
  /** Sources of the users' modules that its specs name, by their SHA-256 (64 hex digits); left out where they name none. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** How one trial's training ended, as the worker reports it. */
export type TrainingOutcome =
  | { readonly kind: "completed" }
  /** The loss was not finite at this step (counted from 0). */
  | { readonly kind: "diverged"; readonly step: number };

/** The one summary row of a trained trial. */
export interface TrialResult {
  readonly trialId: string;
  readonly outcome: TrainingOutcome;
  /** Updates taken: the planned steps, or the step of divergence. */
  readonly steps: number;
  /** Held-out loss after the last step, the least seen, and the mean over the run (trapezoid over steps); +Infinity when diverged. */
  readonly finalEvaluationLoss: number;
  readonly bestEvaluationLoss: number;
  readonly areaUnderCurve: number;
  /** Mini-batch passes spent on training, extra evaluations a rule asked for included. */
  readonly forwardPasses: number;
  readonly backwardPasses: number;
  /** Wall-clock seconds of the cohort divided by its number of trials. */
  readonly seconds: number;
}

/** A stretch of one trial's curve: entry i belongs to step `firstStep + i`. Losses may be non-finite. */
export interface CurveChunk {
  readonly trialId: string;
  readonly firstStep: number;
  /** On the mini-batch as it is, without any noise. */
  readonly trainingLosses: Float32Array;
  /** The rates that were taken; where they differ among a trial's numbers, their mean. */
  readonly learningRates: Float64Array;
  /** What the rule was shown (or the update minimised), where a noise makes another of it; else left out. */
  readonly seenLosses?: Float32Array;
  /** The least and the greatest rate of each step, where they differ among a trial's numbers; else left out. */
  readonly lowestRates?: Float32Array;
  readonly highestRates?: Float32Array;
  /** The stability bound of each step times its fraction, where the trial has one; else left out. May be infinite. */
  readonly bounds?: Float32Array;
}

/** Held-out loss after `step` updates. May be non-finite. */
export interface Evaluation {
  readonly trialId: string;
  readonly step: number;
  readonly loss: number;
}

/** What `train` yields and a worker forwards, in order. */
export interface TrainingReport {
  /** Steps the cohort has taken so far. */
  readonly step: number;
  readonly chunks: readonly CurveChunk[];
  readonly evaluations: readonly Evaluation[];
  /** Set on the last report alone: one result a trial, in the cohort's order. */
  readonly results?: readonly TrialResult[];
}

export type StudyState = "running" | "paused" | "cancelled";
export type CohortState = "planned" | "running" | "finished" | "failed" | "cancelled";
/** `planned` and `running` are unfinished; `failed` used up its attempts. */
export type TrialOutcome = "planned" | "running" | "completed" | "diverged" | "failed" | "cancelled";

/** How an attempt ended that did not finish. */
export type AttemptEnd = "failed" | "handed-back" | "interrupted" | "superseded";

/** Executions of a cohort that may fail or be lost before its trials count as failed. */
export const maxAttempts = 5;

import type { AgentWork } from "./agent/domain.js";
import type { AgentFlow } from "./agent/ports.js";
import type {
  Cohort,
  CurveChunk,
  Evaluation,
  Split,
  StudyState,
  TrainingOutcome,
  TrialOutcome,
  TrialResult,
} from "./domain.js";

/** What a worker is told in answer to each report. */
export type Answer =
  | { readonly kind: "continue" }
  | { readonly kind: "stop"; readonly reason: "cancelled" | "paused" | "failed" }
  /** A newer attempt owns the cohort (or it is finished already): drop it quietly. */
  | { readonly kind: "superseded" };

export interface StartAttempt {
  readonly cohortId: string;
  readonly workerId: string;
  readonly executor: string;
}

/** `token` is the fencing token: it grows with each attempt of a cohort. */
export type StartAnswer = { readonly kind: "continue"; readonly token: number } | Exclude<Answer, { kind: "continue" }>;

/** Names the attempt a report belongs to. */
export interface AttemptKey {
  readonly cohortId: string;
  readonly token: number;
}

export interface AttemptReport extends AttemptKey {
  readonly step: number;
  readonly chunks: readonly CurveChunk[];
  readonly evaluations: readonly Evaluation[];
}

/**
 * Where a worker tells how its cohort fares. Every call may be repeated: a repeated one changes nothing and answers the same.
 * An older token than the cohort's newest records nothing and is answered `superseded`.
 */
export interface TrialReporter {
  /**
   * Opens an attempt with a fresh token; chunks and evaluations of earlier, unfinished attempts are forgotten. One that was still
   * open counts as failed. Once `maxAttempts` are used up the cohort fails instead.
   */
  startAttempt(request: StartAttempt): Promise<StartAnswer>;
  /** Records a batch (empty: only a heartbeat). An attempt that is told of a pause is over, and does not count. */
  report(report: AttemptReport): Promise<Answer>;
  /**
   * Records the results of all the cohort's trials at once, and ends the attempt and the cohort; also while its study is paused.
   * Throws `InvalidArgument` when they are not one for each trial.
   */
  finishAttempt(request: AttemptKey & { readonly results: readonly TrialResult[] }): Promise<Answer>;
  /** Ends the attempt without results. `failed` counts against the cohort's attempts, `handed-back` does not. */
  abandonAttempt(
    request: AttemptKey & { readonly end: "failed" | "handed-back"; readonly message: string },
  ): Promise<Answer>;
}

/** What a worker is handed: the unit of delivery. Every kind has a `cohortId`. */
export type Work = Cohort | AgentWork;

/** Delivery of work to workers: at least once, order not promised but in flows, content never trusted as the truth. */
export interface TrialQueue extends AsyncDisposable {
  /** Puts cohorts up for delivery; one that is already waiting or active is left alone. */
  add(cohorts: readonly Cohort[]): Promise<void>;
  /**
   * Puts the work of an iteration up for delivery: the batches at once, the update when none of them is waiting or active any more.
   * Work that is there already is left alone, but an update that is there waits for batches added anew. That no batch is left does
   * not say that each was finished: a worker rejects an update that is not ready.
   */
  addFlow(flow: AgentFlow): Promise<void>;
  /** Takes waiting work back, an update with the batches it waits for. Active work is left to finish or to be told by its reports. */
  remove(cohortIds: readonly string[]): Promise<void>;
  /** Of these, the ones waiting (also for others) or active now. */
  present(cohortIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Delivers work to `handle`, `slots` at a time, until disposed (which waits for what is active). */
  consume(options: ConsumeOptions): Promise<Consumer>;
}

/** Takes work until it is disposed. */
export interface Consumer extends AsyncDisposable {
  /**
   * Takes no more than so many at a time from now on: 1 to the `slots` that it began with, else it throws `InvalidArgument`. What is
   * in hand goes on. Fewer count at once; that there are more is noticed when something in hand is done, if not before.
   */
  setSlots(slots: number): void;
}

export interface ConsumeOptions {
  readonly slots: number;
  /** Resolves when the work needs no more delivery; rejects to have it delivered again after a pause. */
  handle(work: Work): Promise<void>;
  onError(error: Error): void;
}

/** A planned study as it is stored. `sweep` is the parsed sweep file as plain JSON; `source` its text. */
export interface PlannedStudy {
  readonly name: string;
  readonly source: string;
  readonly sweep: unknown;
  readonly cohorts: readonly Cohort[];
  /** W3C trace context (`traceparent`) of the submission, where it is traced: delivery continues the trace. */
  readonly traceParent?: string;
}

export interface SubmitResult {
  readonly added: number;
  readonly existing: number;
}

export interface StudyStatus {
  readonly name: string;
  readonly state: StudyState;
  readonly createdAt: Date;
  /** Trials by outcome. */
  readonly trials: Readonly<Record<TrialOutcome, number>>;
  /** Optimizer steps of all trials, and those done or reported so far: what progress and the time left follow from. */
  readonly stepsPlanned: number;
  readonly stepsDone: number;
  readonly cohorts: number;
  readonly unfinishedCohorts: number;
}

/** A trial as results list it (the summary, never the curve). Metrics are null until there is a result. */
export interface TrialRow {
  readonly trialId: string;
  readonly cohortId: string;
  readonly task: string;
  readonly optimizer: string;
  /** Its label (`noiseLabel`); "none" without one. */
  readonly noise: string;
  readonly schedule: string;
  readonly learningRate: number;
  /** Whether its rate and its schedule's parameters were drawn in a random search. */
  readonly drawn: boolean;
  readonly seed: number;
  readonly split: Split;
  readonly outcome: TrialOutcome;
  readonly steps: number;
  readonly finalEvaluationLoss: number | null;
  readonly bestEvaluationLoss: number | null;
  readonly areaUnderCurve: number | null;
  readonly forwardPasses: number;
  readonly backwardPasses: number;
  readonly seconds: number;
  readonly attempts: number;
  readonly executor: string | null;
}

/** One trial's whole curve, chunks joined: entry i of each array belongs to step i. */
export interface TrialCurve {
  readonly trialId: string;
  readonly trainingLosses: Float32Array;
  readonly learningRates: Float64Array;
  /** As in `CurveChunk`; left out when no chunk has any, and filled up with training losses and rates where only some have. */
  readonly seenLosses?: Float32Array;
  readonly lowestRates?: Float32Array;
  readonly highestRates?: Float32Array;
  /** NaN where a chunk has none. */
  readonly bounds?: Float32Array;
  readonly evaluations: readonly { readonly step: number; readonly loss: number }[];
}

/** The truth about studies. Everything written twice is one row. */
export interface ResultStore extends TrialReporter, AsyncDisposable {
  /**
   * Adds the trials that are new (by id) with their cohorts, in one transaction; known ones are left alone. Throws
   * `InvalidArgument`, and then changes nothing, when new trials belong to a cancelled study, or would stand beside stored ones
   * that cannot be compared with them: other steps, other evaluations, or another spec under a name that is taken. A schedule's
   * name stands for one spec, its draws aside, which are told apart by their rates: one rate, one draw.
   */
  submitStudy(study: PlannedStudy): Promise<SubmitResult>;
  /** Ids of the study's trials already stored; empty for an unknown study. */
  knownTrialIds(studyName: string): Promise<ReadonlySet<string>>;
  studies(): Promise<readonly StudyStatus[]>;
  /** Undefined when there is no such study. */
  study(name: string): Promise<(StudyStatus & { readonly sweep: unknown }) | undefined>;
  /** Cancelled is final: its unfinished trials become cancelled. Returns the new status, undefined when there is no such study. */
  setStudyState(name: string, state: StudyState): Promise<StudyStatus | undefined>;
  /** Makes the failed cohorts plannable again with fresh attempts; returns how many trials that is. */
  retryFailed(name: string): Promise<number>;
  /**
   * Cohorts of running studies that are unfinished and have no attempt heard from within `leaseMs`: what delivery must hold. Each
   * with the modules that its specs name, whichever cohort brought their sources.
   */
  undelivered(options: {
    readonly leaseMs: number;
    readonly limit: number;
    /** One study alone; every running study when left out. */
    readonly studyName?: string;
  }): Promise<readonly Cohort[]>;
  trials(studyName: string): Promise<readonly TrialRow[]>;
  curves(studyName: string, options: { readonly trialIds?: readonly string[] }): Promise<readonly TrialCurve[]>;
}

export type { TrainingOutcome };

import type { AgentProgress, PolicyRow } from "./agent/ports.js";
import type { StudyState } from "./domain.js";
import type { StudyStatus, SubmitResult, TrialCurve, TrialRow } from "./ports.js";
import type { SweepModules } from "./sweep/modules.js";
import type { WorkerRow } from "./workers.js";

/** A sweep file to submit: its text, and the name to show in errors about it. */
export interface Submission {
  readonly source: string;
  readonly file: string;
  /** The modules that it names; left out where it names none. */
  readonly modules?: SweepModules;
}

/**
 * What a submission became. `added` and `existing` count trials, `cohorts` the ones planned for the added trials; of an agent's study,
 * which has no trials, `cohorts` counts the work of its first iteration, and is 0 where it was there already.
 */
export interface Submitted extends SubmitResult {
  readonly study: string;
  readonly cohorts: number;
  /** Things that will run but probably are not what was meant, one sentence each. */
  readonly warnings: readonly string[];
}

/** One thing the coordinator looked at in itself, for `stride doctor`. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What the coordinator says about itself. */
export interface Diagnosis {
  readonly version: string;
  readonly startedAt: Date;
  readonly checks: readonly Check[];
}

/**
 * Everything a researcher asks of a running coordinator. The coordinator implements it over its ResultStore; the command line
 * calls it over gRPC. Every method that takes a study's name throws `StudyNotFound` when there is no such study.
 */
export interface Laboratory<WinRateOptions, WinRate> {
  /** Plans a sweep file and stores what is new. Throws `InvalidSweepFile` or `InvalidArgument`, and then changes nothing. */
  submit(submission: Submission): Promise<Submitted>;
  studies(): Promise<readonly StudyStatus[]>;
  study(name: string): Promise<StudyStatus & { readonly sweep: unknown }>;
  /** Pauses, resumes (`running`) or cancels. Cancelled is final: leaving it throws `InvalidArgument`. */
  setStudyState(name: string, state: StudyState): Promise<StudyStatus>;
  /** Makes the failed trials run again; returns how many. */
  retryFailed(name: string): Promise<number>;
  trials(studyName: string): AsyncIterable<TrialRow>;
  /** Whole curves, of all trials or of the named ones. */
  curves(studyName: string, options: { readonly trialIds?: readonly string[] }): AsyncIterable<TrialCurve>;
  winRates(studyName: string, options: WinRateOptions): Promise<readonly WinRate[]>;
  /** All learned policies, or those of one name (none where there is no such name); by name and version. */
  policies(name?: string): Promise<readonly PolicyRow[]>;
  /** A policy's document. Throws `PolicyNotFound` when there is none. */
  policyText(name: string, version: number): Promise<string>;
  /** A study's progress through its iterations; undefined when it is no agent's. */
  agentProgress(studyName: string): Promise<AgentProgress | undefined>;
  /** Every worker heard of within a day, by id. */
  workers(): Promise<readonly WorkerRow[]>;
  diagnose(): Promise<Diagnosis>;
}

/** There is no study of this name. */
export class StudyNotFound extends Error {
  readonly studyName: string;
  constructor(studyName: string) {
    super(`there is no study named ${JSON.stringify(studyName)}`);
    this.name = "StudyNotFound";
    this.studyName = studyName;
  }
}

/** There is no policy of this name and version. */
export class PolicyNotFound extends Error {
  readonly policyName: string;
  readonly version: number;
  constructor(policyName: string, version: number) {
    super(`there is no policy ${JSON.stringify(`${policyName}@${version}`)}`);
    this.name = "PolicyNotFound";
    this.policyName = policyName;
    this.version = version;
  }
}

import type { AttemptEnd, Cohort, CohortState, CurveChunk, Evaluation, StudyState, TrialResult } from "../domain.js";

export interface AttemptRecord {
  readonly token: number;
  readonly executor: string;
  /** Steps reported. */
  step: number;
  /** Milliseconds at which it was last heard from. */
  heardAt: number;
  /** Undefined while it is open. */
  ending: AttemptEnd | "finished" | undefined;
}

/** Where an agent's work stands in its study. */
export interface AgentWorkPlace {
  readonly kind: "episodes" | "update";
  readonly iteration: number;
  /** Of a batch in its iteration. */
  readonly position: number;
  /** Episodes, and the steps of each; 0 for an update. */
  readonly count: number;
  readonly steps: number;
  /** Of its episodes, once it is finished. */
  diverged: number;
}

export interface CohortRecord {
  /** Without trials where it stands for an agent's work. */
  readonly cohort: Cohort;
  readonly work?: AgentWorkPlace;
  readonly study: StudyRecord;
  state: CohortState;
  /** In the order of their tokens: 1, 2, 3, … */
  readonly attempts: AttemptRecord[];
  /** Attempts up to this token do not count any more. */
  forgivenToken: number;
  /** By trial and first step, or step: what is reported twice is there once. */
  readonly chunks: Map<string, CurveChunk>;
  readonly evaluations: Map<string, Evaluation>;
  /** By trial; empty until the cohort is finished. */
  readonly results: Map<string, TrialResult>;
}

export interface StudyRecord {
  readonly name: string;
  readonly createdAt: Date;
  state: StudyState;
  sweep: unknown;
  readonly cohorts: CohortRecord[];
  /** Whether it is an agent's. */
  readonly agent?: true;
}

/** Everything a memory store holds. */
export interface Records {
  readonly studies: Map<string, StudyRecord>;
  readonly cohorts: Map<string, CohortRecord>;
  readonly trialIds: Set<string>;
  /** Sources by their SHA-256. */
  readonly modules: Map<string, string>;
}

export function emptyCohort(cohort: Cohort, study: StudyRecord): CohortRecord {
  return {
    cohort,
    study,
    state: "planned",
    attempts: [],
    forgivenToken: 0,
    chunks: new Map(),
    evaluations: new Map(),
    results: new Map(),
  };
}

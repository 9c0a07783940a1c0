import type { Answer, AttemptKey } from "../ports.js";
import type { AgentWork, Episode, EpisodeBatch, PolicyUpdate, UpdateStatistics } from "./domain.js";

/** An episode with what it was lived under: what an update learns from. */
export interface RecordedEpisode extends Episode {
  readonly iteration: number;
  /** Of its batch in the iteration. */
  readonly position: number;
}

/**
 * Where a worker tells of agent work, beside `TrialReporter`, whose startAttempt, report (heartbeats) and abandonAttempt serve for it as
 * for any cohort. Every call may be repeated; an older token records nothing and is answered `superseded`.
 */
export interface AgentReporter {
  /** Records the episodes of a batch, one for each start and in their order, and ends the attempt. Throws `InvalidArgument` on others. */
  finishEpisodes(request: AttemptKey & { readonly episodes: readonly Episode[] }): Promise<Answer>;
  /**
   * The training episodes that an update learns from: those of its iteration, and of as many before it as its algorithm keeps; by
   * iteration, position and index, whatever the order they came in. Throws `InvalidArgument` for a token that is not the newest.
   */
  trajectories(request: AttemptKey): AsyncIterable<RecordedEpisode>;
  /** Records the next policy and plans the next iteration, in one transaction, and ends the attempt. */
  finishUpdate(
    request: AttemptKey & { readonly policy: string; readonly statistics: UpdateStatistics },
  ): Promise<Answer>;
}

/** All work of one iteration as it is delivered: the update waits until no batch is left. */
export interface AgentFlow {
  /** Undefined in the last iteration, which only validates the last policy; or when it is done. */
  readonly update?: PolicyUpdate;
  /** Batches that are not finished. */
  readonly batches: readonly EpisodeBatch[];
}

/** A policy as it is listed; its version counts updates from 0. */
export interface PolicyRow {
  readonly name: string;
  readonly version: number;
  /** The version it was learned from; null for version 0. */
  readonly parent: number | null;
  readonly study: string;
  readonly algorithm: string;
  readonly sha256: string;
  readonly createdAt: Date;
  /** Over the episodes that it acted in while training (with exploration), and over validation; null where there are none yet. */
  readonly training: EpisodeSummary | null;
  readonly validation: EpisodeSummary | null;
  /** What the update that made it told; empty for version 0. */
  readonly statistics: UpdateStatistics;
}

export interface EpisodeSummary {
  readonly episodes: number;
  readonly meanReturn: number;
  /** Share of episodes that diverged. */
  readonly divergence: number;
  /** Mean over decisions. */
  readonly entropy: number;
  /** What these episodes cost. */
  readonly steps: number;
  readonly forwardPasses: number;
  readonly backwardPasses: number;
  readonly seconds: number;
}

/** A planned agent study as it is stored. */
export interface PlannedAgentStudy {
  readonly name: string;
  readonly source: string;
  /** The parsed `AgentSweep` as plain JSON. */
  readonly sweep: unknown;
  /** Name of the policies it makes; belongs to one study alone. */
  readonly policyName: string;
  readonly algorithm: string;
  /** Version 0, as text. */
  readonly policy: string;
  /** As of a `PlannedStudy`. */
  readonly traceParent?: string;
}

/** The truth about agent studies, beside `ResultStore`. */
export interface AgentStore extends AgentReporter {
  /**
   * Adds the study with version 0 and the work of iteration 0; the same study again adds nothing. Throws `InvalidArgument` when the policy's name
   * belongs to another study, or the study is there with another sweep.
   */
  submitAgentStudy(study: PlannedAgentStudy): Promise<{ readonly added: boolean }>;
  /** As `undelivered` of a ResultStore, for agent work: flows of running studies that no attempt works on. */
  undeliveredFlows(options: {
    readonly leaseMs: number;
    readonly limit: number;
    readonly studyName?: string;
  }): Promise<readonly AgentFlow[]>;
  /** All policies, or those of one name; by name and version. */
  policies(name?: string): Promise<readonly PolicyRow[]>;
  /** A policy's document; undefined when there is none. */
  policyText(name: string, version: number): Promise<string | undefined>;
  /** A study's progress through its iterations; undefined when it is no agent study. */
  agentProgress(studyName: string): Promise<AgentProgress | undefined>;
}

export interface AgentProgress {
  readonly policyName: string;
  readonly iterations: number;
  /** Updates done. */
  readonly iteration: number;
  /** Every iteration and the last validation are done. */
  readonly done: boolean;
  readonly episodes: number;
  /** The version with the best mean validation return, ties to the earlier; null before the first validation is whole. */
  readonly best: number | null;
}

export type { AgentWork };

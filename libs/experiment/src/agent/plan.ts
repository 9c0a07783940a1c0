import type { EpisodeBatch, PolicyUpdate } from "./domain.js";
import type { AgentSweep } from "./sweep.js";

/** All work of one iteration, in order; the last one (`sweep.iterations`) validates and has no update. */
export interface IterationWork {
  readonly batches: readonly EpisodeBatch[];
  readonly update?: PolicyUpdate;
}

/** Texts of the policies that an iteration needs. */
export interface IterationPolicies {
  /** Version `iteration`. */
  readonly policy: string;
  /** The version that `targetVersion` names. */
  readonly target?: string;
}

/** The work of an iteration: a function of the sweep and the policies alone, so that it is planned again as it was. */
export function iterationWork(_sweep: AgentSweep, _iteration: number, _policies: IterationPolicies): IterationWork {
  throw new Error("to be written");
}

/** Which version is the target network of an iteration; undefined for algorithms without one. */
export function targetVersion(_sweep: AgentSweep, _iteration: number): number | undefined {
  throw new Error("to be written");
}

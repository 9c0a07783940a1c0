import type { OptimizerSpec } from "@stride/optimizers/spec";
import type { Actions } from "@stride/schedules/spec";
import type { TaskSpec } from "@stride/tasks/spec";
import type { Stability } from "../stability.js";
import type { AgentAlgorithm } from "./algorithm.js";

/** How an agent meets a training: what it may do, how often, and what it is rewarded for. */
export interface Environment {
  /** Updates of one episode: a whole training. A multiple of `every`, at least twice it. */
  readonly steps: number;
  /** k: the agent decides after every k steps, but the last ones. */
  readonly every: number;
  readonly actions: Actions;
  /** The rate stays within the episode's first rate times these. */
  readonly range: { readonly lowest: number; readonly highest: number };
  /** Whether features of gradients, and of the distance to the stability bound, are given. */
  readonly sees: { readonly gradients: boolean; readonly bound: boolean };
  readonly reward: {
    /** Whose fall in the logarithm is rewarded: the mean training loss of k steps, or the held-out loss taken every k steps. */
    readonly signal: "train" | "evaluation";
    /** Subtracted once when the loss is not finite, which ends the episode. */
    readonly divergencePenalty: number;
  };
  /** What the rate is held to; left out: nothing. */
  readonly stability?: Stability;
}

/** How an agent tries actions while it learns. */
export type Exploration =
  /** Draws each action from the policy's own distribution. */
  | { readonly kind: "policy" }
  /** A uniformly drawn action with this probability, else the best by its values. */
  | { readonly kind: "epsilon"; readonly epsilon: number }
  /** Episode e takes action e mod (number of actions) all along. */
  | { readonly kind: "constant" }
  /** None: as in use. */
  | { readonly kind: "none" };

/** One whole training as it is started: its seed and its first rate. */
export interface EpisodeStart {
  readonly seed: number;
  readonly learningRate: number;
}

/** Episodes of one task trained together in one tensor program, under one policy: a unit of delivery and of recording. */
export interface EpisodeBatch {
  readonly kind: "episodes";
  /** Its id among cohorts: attempts, tokens and reports are those of a cohort. */
  readonly cohortId: string;
  readonly studyName: string;
  /** Counted from 0; policy version i acts in iteration i. */
  readonly iteration: number;
  /** Its place among the iteration's batches, from 0: what is learned from is read in this order. */
  readonly position: number;
  readonly purpose: "train" | "validation";
  readonly task: TaskSpec;
  readonly optimizer: OptimizerSpec;
  readonly environment: Environment;
  readonly exploration: Exploration;
  readonly starts: readonly EpisodeStart[];
  /** The policy document as text. */
  readonly policy: string;
}

/** The learning step of an iteration: from policy version `iteration` and its episodes to version `iteration + 1`. */
export interface PolicyUpdate {
  readonly kind: "update";
  readonly cohortId: string;
  readonly studyName: string;
  readonly iteration: number;
  readonly environment: Environment;
  readonly algorithm: AgentAlgorithm;
  /** Of everything drawn while learning. */
  readonly seed: number;
  /** Policy version `iteration`, as text. */
  readonly policy: string;
  /** The target network's version, as text, for algorithms that have one. */
  readonly target?: string;
}

/** What a worker may be handed, besides cohorts of trials. */
export type AgentWork = EpisodeBatch | PolicyUpdate;

/** One episode, as it was lived: D decisions, F features. */
export interface Episode {
  /** Its place in its batch. */
  readonly index: number;
  readonly decisions: number;
  /** Not normalised, `[D, F]`. */
  readonly features: Float32Array;
  /** Index of the action (discrete), or the number before tanh (continuous), `[D]`. */
  readonly actions: Float32Array;
  /** Logarithm of the probability (density) with which each action was chosen, `[D]`. */
  readonly logProbabilities: Float32Array;
  /** Entropy of the policy's distribution at each decision, `[D]`. */
  readonly entropies: Float32Array;
  /** What followed each decision, `[D]`. */
  readonly rewards: Float32Array;
  /** The reward of the steps before the first decision: no action earned it. It is in no return. */
  readonly diverged: boolean;
  /** Updates taken. */
  readonly steps: number;
  /** Held-out loss after the last step; +Infinity when diverged. */
  readonly finalEvaluationLoss: number;
  readonly forwardPasses: number;
  readonly backwardPasses: number;
  readonly seconds: number;
}

/** The sum of an episode's rewards. */
export function returnOf({ rewards }: Pick<Episode, "rewards">): number {
  return rewards.reduce((sum, reward) => sum + reward, 0);
}

/** Numbers an update tells about itself, by names that docs/learning-a-schedule.md explains. */
export type UpdateStatistics = Readonly<Record<string, number>>;

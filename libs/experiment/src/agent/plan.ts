import { randomStream, type Stream } from "@stride/random";
import type { TaskSpec } from "@stride/tasks/spec";
import { assertNever } from "../errors.js";
import { contentId } from "../plan.js";
import type { EpisodeBatch, EpisodeStart, Exploration, PolicyUpdate } from "./domain.js";
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

/** Seeds of episodes lie above those of trials and of their shadows: no training of a comparison was ever lived. */
const firstEpisodeSeed = 2_000_000_000;
const episodeSeeds = 2 ** 48;

/**
 * The work of an iteration: a function of the sweep and the policies alone, so that it is planned again as it was. Batches take the training tasks in
 * turn, in a new order each time round. Validation has the same seeds and first rates in every version: versions are compared pair by pair.
 */
export function iterationWork(
  sweep: AgentSweep,
  iteration: number,
  { policy, target }: IterationPolicies,
): IterationWork {
  const { study: studyName, environment, algorithm, optimizer, episodes, validate, tasks, iterations, seed } = sweep;
  const common = { studyName, iteration, environment };
  const learns = iteration < iterations;
  const batch = (
    purpose: EpisodeBatch["purpose"],
    { position, task, starts }: Pick<EpisodeBatch, "position" | "task" | "starts">,
  ): EpisodeBatch => ({
    kind: "episodes",
    cohortId: workId(sweep, { iteration, kind: "episodes", position }),
    ...common,
    position,
    purpose,
    task,
    optimizer,
    exploration: purpose === "validation" ? { kind: "none" } : explorationOf(sweep, iteration),
    starts,
    policy,
  });

  const training = Array.from({ length: learns ? episodes.batches : 0 }, (_, position) => {
    const number = iteration * episodes.batches + position;
    const starts = startsOf(sweep, { purpose: "train", number, count: episodes.each });
    return batch("train", { position, task: trainingTask(sweep, number), starts });
  });
  const validates = iteration % validate.every === 0 || iteration === iterations;
  const validation = (validates ? tasks.validation : []).map((task, number) => {
    const starts = startsOf(sweep, { purpose: "validation", number, count: validate.each });
    return batch("validation", { position: episodes.batches + number, task, starts });
  });
  const batches = [...training, ...validation];
  if (!learns) return { batches };
  const update: PolicyUpdate = {
    kind: "update",
    cohortId: workId(sweep, { iteration, kind: "update", position: 0 }),
    ...common,
    algorithm,
    seed: randomStream({ seed, purpose: "agent:updates" }).integer(iteration, 0, episodeSeeds),
    policy,
    ...(target === undefined ? {} : { target }),
  };
  return { batches, update };
}

/** Which version is the target network of an iteration; undefined for algorithms without one. */
export function targetVersion({ algorithm }: AgentSweep, iteration: number): number | undefined {
  return algorithm.kind === "double-dqn" ? Math.floor(iteration / algorithm.target) * algorithm.target : undefined;
}

/** Iterations before the one at hand whose episodes an update learns from too. */
export function replayedIterations({ algorithm }: AgentSweep): number {
  return algorithm.kind === "double-dqn" ? algorithm.replay - 1 : 0;
}

function workId(
  { study }: AgentSweep,
  place: { readonly iteration: number; readonly kind: string; readonly position: number },
): string {
  return contentId("a", { study, ...place });
}

/** The `number`-th batch's task: every round takes each once, in an order of its own. */
function trainingTask({ tasks, seed }: AgentSweep, number: number): TaskSpec {
  const { length } = tasks.train;
  const order = randomStream({ seed, purpose: "agent:tasks" }).permutation(Math.floor(number / length), length);
  return tasks.train[order[number % length] as number] as TaskSpec;
}

function startsOf(
  { initialRate: { from, to }, seed }: AgentSweep,
  { purpose, number, count }: { readonly purpose: string; readonly number: number; readonly count: number },
): EpisodeStart[] {
  const streamOf = (what: string): Stream => randomStream({ seed, purpose: `agent:${purpose}:${what}` });
  const [seeds, rates] = [streamOf("seeds"), streamOf("rates")];
  return Array.from({ length: count }, (_, index) => ({
    seed: firstEpisodeSeed + seeds.integer(number, index, episodeSeeds),
    // To six digits, as a reader would write it.
    learningRate: Number((from * (to / from) ** rates.uniform(number, index)).toPrecision(6)),
  }));
}

function explorationOf({ algorithm }: AgentSweep, iteration: number): Exploration {
  switch (algorithm.kind) {
    case "ppo":
    case "random":
      return { kind: "policy" };
    case "best-constant":
      return { kind: "constant" };
    case "double-dqn": {
      const { from, to, over } = algorithm.epsilon;
      return { kind: "epsilon", epsilon: from + (to - from) * Math.min(1, iteration / over) };
    }
    default:
      return assertNever(algorithm);
  }
}

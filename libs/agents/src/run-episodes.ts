import type { Executor } from "@stride/compile";
import {
  type Cohort,
  type Episode,
  type EpisodeBatch,
  InvalidArgument,
  moduleHash,
  readPolicy,
  type Trial,
  type TrialResult,
} from "@stride/experiment";
import { taskCost } from "@stride/tasks/spec";
import { train } from "@stride/training";
import { type Played, play } from "./environment.js";
import { explorer } from "./explore.js";

export interface RunEpisodesOptions {
  readonly batch: EpisodeBatch;
  readonly executor: Executor;
  /** Once aborted, the episodes end after the segment at hand; what is returned then is empty. */
  readonly signal?: AbortSignal;
}

/**
 * Lives a batch of episodes: a cohort of trainings, one environment each, with the batch's policy acting in all of them. Tells the steps
 * taken now and then, and returns the episodes in the order of their starts. The same batch on the same executor gives the same bits, seconds
 * aside; an episode is a function of its start, to rounding.
 */
export async function* runEpisodes(options: RunEpisodesOptions): AsyncGenerator<{ readonly step: number }, Episode[]> {
  const { batch, executor, signal } = options;
  const { environment, exploration } = batch;
  const policy = readPolicy(batch.policy);
  if (policy.every !== environment.every) {
    throw new InvalidArgument(
      `the policy must decide after every ${environment.every} steps, as its environment, got ${policy.every}`,
    );
  }
  const played: Played[] = [];
  const cohort = cohortOf(batch);
  let results: readonly TrialResult[] | undefined;
  const scheduler = ({ seed }: Trial, index: number, learningRate: number) => {
    const choose = explorer({ policy, exploration, seed, index });
    const one = play({ environment, policy, choose, learningRate });
    played[index] = one;
    return one.scheduler;
  };
  for await (const report of train({ cohort, executor, scheduler, signal })) {
    results = report.results ?? results;
    yield { step: report.step };
  }
  if (results === undefined) return [];
  return results.map((result, index) => {
    const episode = (played[index] as Played).episode(index, result);
    return { ...episode, forwardPasses: result.forwardPasses + rewardedPasses(batch, result.steps) };
  });
}

/** The batch as a cohort of trials under the policy's schedule. */
function cohortOf({ cohortId, studyName, task, optimizer, environment, starts, policy }: EpisodeBatch): Cohort {
  const { every, steps, sees, reward, stability } = environment;
  const sha256 = moduleHash(policy);
  const trials = starts.map(
    ({ seed, learningRate }, index): Trial => ({
      trialId: `${cohortId}-${index}`,
      task,
      optimizer,
      scheduleName: "agent",
      schedule: { kind: "policy", policy: "agent", sha256, every, sees },
      ...(stability === undefined ? {} : { stability }),
      learningRate,
      seed,
      split: "report",
      steps,
      evaluateEvery: reward.signal === "evaluation" ? every : steps,
    }),
  );
  return { cohortId, studyName, trials, modules: { [sha256]: policy } };
}

/** Forward passes, by operations, of the evaluations that a reward took: one a window, and the first. */
function rewardedPasses({ task, environment: { reward, every } }: EpisodeBatch, steps: number): number {
  if (reward.signal === "train") return 0;
  const { evaluationFlops, flopsPerStep } = taskCost(task);
  // A step is a forward and a backward pass, and the latter takes about twice as much.
  return Math.ceil((1 + Math.floor(steps / every)) * (evaluationFlops / (flopsPerStep / 3)));
}

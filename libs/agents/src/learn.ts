import type { Executor } from "@stride/compile";
import {
  canonicalJson,
  type PolicyUpdate,
  type RecordedEpisode,
  readPolicy,
  type UpdateStatistics,
} from "@stride/experiment";
import { updateDoubleDqn } from "./double-dqn.js";
import { type Learned, updateBestConstant, updateRandom } from "./floors.js";
import { updatePpo } from "./ppo.js";

export interface LearnOptions {
  readonly update: PolicyUpdate;
  /** By iteration, position and index: what is learned does not depend on who lived them, or when. */
  readonly episodes: readonly RecordedEpisode[];
  readonly executor: Executor;
}

/** One update of a policy by its algorithm; the next policy's document is canonical JSON. */
export async function learn(
  options: LearnOptions,
): Promise<{ readonly policy: string; readonly statistics: UpdateStatistics }> {
  const { policy, statistics } = await learned(options);
  return { policy: canonicalJson(policy), statistics };
}

async function learned({ update, episodes, executor }: LearnOptions): Promise<Learned> {
  const policy = readPolicy(update.policy);
  const { algorithm, seed, target } = update;
  switch (algorithm.kind) {
    case "ppo":
      return updatePpo(algorithm, { policy, episodes, seed, executor });
    case "double-dqn": {
      const older = target === undefined ? {} : { target: readPolicy(target) };
      return updateDoubleDqn(algorithm, { policy, episodes, seed, executor, ...older });
    }
    case "random":
      return updateRandom(policy, episodes);
    case "best-constant":
      return updateBestConstant(policy, episodes);
  }
}

import { type Episode, type EpisodeBatch, type EpisodeStart, returnOf } from "@stride/experiment";
import { taskLabel } from "@stride/tasks/spec";
import type { Queryable } from "../../database.js";
import { encodeTrajectory } from "../trajectory.js";

export interface NewEpisodes {
  readonly cohortKey: number;
  readonly studyKey: number;
  readonly batch: EpisodeBatch;
  /** One for each start, in their order. */
  readonly episodes: readonly Episode[];
}

/** Adds the episodes of a batch. */
export async function addEpisodes(
  transaction: Queryable,
  { cohortKey, studyKey, batch, episodes }: NewEpisodes,
): Promise<void> {
  const column = <Value>(of: (episode: Episode, start: EpisodeStart) => Value) =>
    episodes.map((episode, i) => of(episode, batch.starts[i] as EpisodeStart));
  await transaction.query({
    text: `
      insert into stride.episodes (cohort_key, study_key, iteration, position, purpose, task, episode_index, diverged, decisions, steps,
        seed, learning_rate, return, entropy, final_evaluation_loss, forward_passes, backward_passes, seconds, trajectory)
      select $1::int, $2::int, $3::int, $4::int, $5::stride.episode_purpose, $6::text, e.*
      from unnest($7::int[], $8::bool[], $9::int[], $10::int[], $11::int8[], $12::float8[], $13::float8[], $14::float8[], $15::float8[],
        $16::int8[], $17::int8[], $18::float8[], $19::bytea[]) e`,
    values: [
      cohortKey,
      studyKey,
      batch.iteration,
      batch.position,
      batch.purpose,
      taskLabel(batch.task),
      column(({ index }) => index),
      column(({ diverged }) => diverged),
      column(({ decisions }) => decisions),
      column(({ steps }) => steps),
      column((_, { seed }) => seed),
      column((_, { learningRate }) => learningRate),
      column(returnOf),
      column(({ entropies }) => entropies.reduce((sum, each) => sum + each, 0) / Math.max(1, entropies.length)),
      column(({ finalEvaluationLoss }) => finalEvaluationLoss),
      column(({ forwardPasses }) => forwardPasses),
      column(({ backwardPasses }) => backwardPasses),
      column(({ seconds }) => seconds),
      column(encodeTrajectory),
    ],
  });
}

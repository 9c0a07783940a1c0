import type { RecordedEpisode } from "@stride/experiment";
import type { Queryable } from "../../database.js";
import { decodeTrajectory } from "../trajectory.js";

type Columns = "features" | "actions" | "logProbabilities" | "entropies" | "rewards";

interface EpisodeRow extends Omit<RecordedEpisode, Columns | "iteration"> {
  readonly trajectory: Buffer;
}

/** The training episodes of an iteration, by position and index. */
export async function episodesOf(
  database: Queryable,
  { studyKey, iteration }: { readonly studyKey: number; readonly iteration: number },
): Promise<readonly RecordedEpisode[]> {
  const rows = await database.query<EpisodeRow>({
    name: "episodes-of",
    text: `
      select position, episode_index as index, decisions, diverged, steps, final_evaluation_loss as "finalEvaluationLoss",
        forward_passes as "forwardPasses", backward_passes as "backwardPasses", seconds, trajectory
      from stride.episodes
      where study_key = $1 and iteration = $2 and purpose = 'train'
      order by position, episode_index`,
    values: [studyKey, iteration],
  });
  return rows.map(({ trajectory, ...row }) => ({
    iteration,
    ...row,
    ...decodeTrajectory(trajectory, row.decisions),
  }));
}

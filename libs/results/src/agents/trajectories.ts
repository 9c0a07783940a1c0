import { type AttemptKey, InvalidArgument, type RecordedEpisode, replayedIterations } from "@stride/experiment";
import type { Database } from "../database.js";
import { type WorkPlace, workPlace } from "./queries/agent-work.js";
import { episodesOf } from "./queries/episodes-of.js";

/** What an update learns from, an iteration at a time. Throws `InvalidArgument` for all but the newest, open attempt at an update. */
export async function* trajectories(database: Database, key: AttemptKey): AsyncGenerator<RecordedEpisode> {
  const { studyKey, iteration, sweep } = await updateOf(database, key);
  const first = Math.max(0, iteration - replayedIterations(sweep));
  for (let each = first; each <= iteration; each++) yield* await episodesOf(database, { studyKey, iteration: each });
}

async function updateOf(database: Database, { cohortId, token }: AttemptKey): Promise<WorkPlace> {
  const [open] = await database.query<{ readonly cohortKey: number }>({
    name: "open-update",
    text: `
      select c.cohort_key as "cohortKey"
      from stride.cohorts c join stride.attempts a using (cohort_key)
      where c.cohort_id = $1 and c.token = $2 and a.token = $2 and a.ending is null and c.kind = 'update'`,
    values: [cohortId, token],
  });
  const place = open === undefined ? undefined : await workPlace(database, open.cohortKey);
  if (place === undefined) throw new InvalidArgument(`there is no open attempt ${token} at an update ${cohortId}`);
  return place;
}

import type { WorkerRow } from "@stride/experiment";
import type { Queryable } from "../database.js";

/** Workers heard of in the last `withinMs` milliseconds, by id. */
export function workerRows(database: Queryable, withinMs: number): Promise<readonly WorkerRow[]> {
  return database.query<WorkerRow>({
    name: "worker-rows",
    text: `
      select worker_id as "workerId", version, executor, slots, concurrency, busy, state, devices,
        first_seen_at as "firstSeenAt", last_seen_at as "lastSeenAt"
      from stride.workers
      where last_seen_at > clock_timestamp() - $1 * interval '1 millisecond'
      order by worker_id collate "C"`,
    values: [withinMs],
  });
}

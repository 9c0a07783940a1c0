import type { WorkerNode } from "@stride/experiment";
import type { Queryable } from "../database.js";

/** Writes what a worker announced; the clock is the database's. */
export async function putWorker(database: Queryable, worker: WorkerNode): Promise<void> {
  const { workerId, executor, version, slots, concurrency, busy, state, devices } = worker;
  await database.query({
    name: "put-worker",
    text: `
      insert into stride.workers
        (worker_id, executor, version, slots, concurrency, busy, state, devices, first_seen_at, last_seen_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp(), clock_timestamp())
      on conflict (worker_id) do update set executor = excluded.executor, version = excluded.version, slots = excluded.slots,
        concurrency = excluded.concurrency, busy = excluded.busy, state = excluded.state, devices = excluded.devices,
        last_seen_at = excluded.last_seen_at`,
    values: [workerId, executor, version, slots, concurrency, busy, state, JSON.stringify(devices)],
  });
}

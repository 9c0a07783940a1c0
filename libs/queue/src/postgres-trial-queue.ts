import { parseAddress } from "./address.js";
import { onceInAWhile, workerSettings } from "./consumer.js";
import { withoutSecrets } from "./errors.js";
import { type TrialQueueOptions, withDefaults } from "./options.js";
import { grantQueue } from "./roles.js";
import { type BullTrialQueue, type Delivery, trialQueue, unavailable } from "./trial-queue.js";

/** Where BullMQ keeps its tables; its own migrations make and change them. */
const schema = "bullmq";

/**
 * A TrialQueue on Postgres (13 or newer), in the schema `bullmq`, which is made and migrated here; two processes may do so at
 * once. Every consumer holds up to `slots` + 2 connections, the queue itself up to 4. The clocks of the workers' machines must
 * agree to well below the lock's duration. Throws `InvalidArgument` for a bad URL, `QueueUnavailable` when Postgres does not answer.
 */
export async function createPostgresTrialQueue(options: TrialQueueOptions): Promise<BullTrialQueue> {
  const address = parseAddress(options.url, { schemes: ["postgres", "postgresql"], what: "the address of Postgres" });
  const settings = withDefaults(options);
  const { name } = settings;
  const report = onceInAWhile((error) => settings.onError(withoutSecrets(error, address.secrets)));
  // Loaded here alone: a process whose queue is on Redis never loads a Postgres driver.
  const { createPostgresBackend, withBackend } = await import("bullmq");
  const { FlowProducer, Queue, Worker } = withBackend(createPostgresBackend);
  const connection = (max: number, migrate: boolean) => ({
    connectionString: address.url,
    schema,
    migrate,
    max,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    application_name: "stride-queue",
  });

  const queue = new Queue<unknown>(name, { connection: connection(4, settings.migrate) });
  queue.on("error", report);
  try {
    await queue.waitUntilReady();
    if (settings.migrate) await grantQueue(queue.getBackend().connection.pool);
  } catch (error) {
    await queue.close().catch(() => undefined);
    throw unavailable(address, error);
  }
  const { pool } = queue.getBackend().connection;
  const flows = new FlowProducer({ connection: pool });
  flows.on("error", report);

  const delivery: Delivery = {
    ...address,
    name,
    counts: () => queue.getJobCounts(),
    addBulk: (jobs) => queue.addBulk(jobs),
    async addFlow(flow) {
      // A child that was done before would be counted, but not told from one that is done, when it is added again.
      await pool.query(
        "delete from job_dependency where parent_queue = $1 and parent_id = $2 and status <> 'pending'",
        [name, flow.opts?.jobId],
      );
      await flows.add(flow);
    },
    async families(jobIds) {
      const { rows } = await pool.query<{ readonly parent: string; readonly child: string }>(
        `select parent_id as parent, child_id as child from job_dependency
         where parent_queue = $1 and parent_id = any($2::text[]) and status = 'pending'`,
        [name, jobIds],
      );
      return { parents: [...new Set(rows.map(({ parent }) => parent))], children: rows.map(({ child }) => child) };
    },
    async remove(jobIds) {
      await pool.query(
        "select remove($1, id, false) from job where queue = $1 and id = any($2::text[]) and state <> 'active'",
        [name, jobIds],
      );
    },
    async present(jobIds) {
      const { rows } = await pool.query<{ readonly id: string }>(
        "select id from job where queue = $1 and id = any($2::text[]) and state not in ('completed', 'failed')",
        [name, jobIds],
      );
      return rows.map(({ id }) => id);
    },
    async openWorker({ slots }, process) {
      const options = { connection: connection(slots + 1, false), ...workerSettings(settings, slots) };
      const worker = new Worker<unknown>(name, process, options);
      worker.on("error", () => undefined); // What happens before the consumer listens is told by this rejection:
      try {
        await worker.waitUntilReady();
      } catch (error) {
        await worker.close().catch(() => undefined);
        throw error;
      }
      return worker;
    },
    async close() {
      await flows.close();
      await queue.close();
    },
  };
  return trialQueue(delivery);
}

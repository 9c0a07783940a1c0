import { InvalidArgument } from "@stride/experiment";
import { type ConnectionOptions, FlowProducer, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { parseAddress } from "./address.js";
import { onceInAWhile, workerSettings } from "./consumer.js";
import { withoutSecrets } from "./errors.js";
import { type TrialQueueOptions, withDefaults } from "./options.js";
import { type BullTrialQueue, type Delivery, trialQueue, unavailable } from "./trial-queue.js";

export interface RedisTrialQueueOptions extends TrialQueueOptions {
  /** Before every key, so that installations can share one Redis. Default `stride`. */
  readonly prefix?: string;
}

/** Tries again for ever, soon at first, then every two seconds. */
const reconnect = { retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), 2_000) };

/**
 * A TrialQueue on Redis (5 or newer, one node). Redis needs the eviction policy `noeviction`; an append-only file saves refilling it
 * after a crash. Calls fail within seconds while Redis is away (`QueueUnavailable`); consumers wait and go on when it is back,
 * also when it comes back empty. Throws `InvalidArgument` for a bad URL or a Redis that evicts keys.
 */
export async function createRedisTrialQueue({
  prefix = "stride",
  ...options
}: RedisTrialQueueOptions): Promise<BullTrialQueue> {
  const address = parseAddress(options.url, { schemes: ["redis", "rediss"], what: "the address of Redis" });
  const settings = withDefaults(options);
  const { name } = settings;
  const redis = new Redis(address.url, {
    ...reconnect,
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    connectTimeout: 5_000,
    commandTimeout: 30_000,
  });
  const report = onceInAWhile((error) => settings.onError(withoutSecrets(error, address.secrets)));
  redis.on("error", report);
  try {
    await connect(redis);
    await requireNoEviction(redis, address.place);
  } catch (error) {
    redis.disconnect();
    throw unavailable(address, error);
  }
  const queue = new Queue<unknown>(name, { connection: redis, prefix, streams: { events: { maxLen: 100 } } });
  queue.on("error", report);
  const flows = new FlowProducer({ connection: redis, prefix });
  flows.on("error", report);

  const delivery: Delivery = {
    ...address,
    name,
    counts: () => queue.getJobCounts(),
    addBulk: (jobs) => queue.addBulk(jobs),
    addFlow: (flow) => flows.add(flow),
    async families(jobIds) {
      const pipeline = redis.pipeline();
      for (const id of jobIds) pipeline.smembers(`${queue.toKey(id)}:dependencies`);
      const replies = (await pipeline.exec()) ?? [];
      const keys = replies.map(([error, members]) => {
        if (error) throw error;
        return Array.isArray(members) ? members.map(String) : [];
      });
      const start = queue.toKey("").length;
      const children = keys.flat().map((key) => key.slice(start));
      return { parents: jobIds.filter((_, index) => (keys[index]?.length ?? 0) > 0), children };
    },
    async remove(jobIds) {
      await Promise.all(jobIds.map((id) => queue.remove(id, { removeChildren: false })));
    },
    async present(jobIds) {
      // A finished job's key is gone, so one that exists is waiting (also for children), delayed or active.
      const pipeline = redis.pipeline();
      for (const id of jobIds) pipeline.exists(queue.toKey(id));
      const replies = (await pipeline.exec()) ?? [];
      return jobIds.filter((_, index) => {
        const [error, count] = replies[index] ?? [];
        if (error) throw error;
        return count === 1;
      });
    },
    openWorker({ slots }, process) {
      const connection: ConnectionOptions = { ...reconnect, url: address.url, maxRetriesPerRequest: null };
      return new Worker<unknown>(name, process, { connection, prefix, ...workerSettings(settings, slots) });
    },
    async close() {
      await flows.close();
      await queue.close();
      redis.disconnect();
    },
  };
  return trialQueue(delivery);
}

/** Connects or says why not; ioredis itself would only say that the connection is closed. */
async function connect(redis: Redis): Promise<void> {
  let reason: unknown;
  const note = (error: unknown) => {
    reason ??= error;
  };
  redis.once("error", note);
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.off("error", note);
  }
}

/** BullMQ's keys must all stay or none: a Redis that drops some under memory pressure would lose waiting cohorts. */
async function requireNoEviction(redis: Redis, place: string): Promise<void> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info("memory"))?.[1];
  if (policy === undefined || policy === "noeviction") return;
  throw new InvalidArgument(
    `Redis at ${place} drops keys when its memory is full (maxmemory-policy ${policy}): set maxmemory-policy to noeviction`,
  );
}

import { parseAddress } from "./address.js";
import { requirePositiveInteger, type TrialQueueOptions } from "./options.js";
import { createPostgresTrialQueue } from "./postgres-trial-queue.js";
import { createRedisTrialQueue } from "./redis-trial-queue.js";
import type { BullTrialQueue } from "./trial-queue.js";

export interface OpenTrialQueueOptions extends Omit<TrialQueueOptions, "lockDurationMs" | "stalledIntervalMs"> {
  /**
   * A cohort whose worker died is delivered again within this time, in ms. Default 30,000. Worst case: a lock's duration and one
   * interval between looks for dead holders, or two intervals; each is a third of the lease.
   */
  readonly leaseMs?: number;
}

/** The TrialQueue at a URL: on Redis (redis://, rediss://) or on Postgres (postgres://, postgresql://). Errors are those of the two. */
export async function openTrialQueue({ leaseMs = 30_000, ...options }: OpenTrialQueueOptions): Promise<BullTrialQueue> {
  const schemes = ["redis", "rediss", "postgres", "postgresql"];
  const { url } = parseAddress(options.url, { schemes, what: "the address of the queue" });
  requirePositiveInteger("leaseMs", leaseMs);
  const third = Math.max(1, Math.floor(leaseMs / 3));
  const timed: TrialQueueOptions = { ...options, lockDurationMs: third, stalledIntervalMs: third };
  return /^rediss?:/i.test(url) ? createRedisTrialQueue(timed) : createPostgresTrialQueue(timed);
}

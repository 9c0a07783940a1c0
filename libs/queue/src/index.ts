export { QueueUnavailable } from "./errors.js";
export { type OpenTrialQueueOptions, openTrialQueue } from "./open-trial-queue.js";
export type { TrialQueueOptions } from "./options.js";
export { createPostgresTrialQueue } from "./postgres-trial-queue.js";
export { createRedisTrialQueue, type RedisTrialQueueOptions } from "./redis-trial-queue.js";
export type { BullTrialQueue } from "./trial-queue.js";

import { freshDatabase } from "@stride/embedded-postgres/testing";
import type { TrialQueue } from "@stride/experiment";
import { createPostgresTrialQueue, createRedisTrialQueue, type TrialQueueOptions } from "../src/index.js";
import { noRedis, startRedis } from "../src/testing.js";

/** Short enough for tests, long enough for a busy machine. */
export const quick = { lockDurationMs: 1_500, stalledIntervalMs: 1_000, retryPauseMs: { first: 50, longest: 200 } };

export interface Backend {
  readonly kind: "redis" | "postgres";
  /** Why it is skipped, or undefined. */
  readonly missing: string | undefined;
  start(): Promise<{ readonly url: string } & AsyncDisposable>;
  create(options: TrialQueueOptions): Promise<TrialQueue>;
}

/** What every test of delivery runs on. */
export const backends: readonly Backend[] = [
  { kind: "redis", missing: noRedis, start: startRedis, create: createRedisTrialQueue },
  { kind: "postgres", missing: undefined, start: freshDatabase, create: createPostgresTrialQueue },
];

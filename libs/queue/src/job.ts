import { agentWorkSchema, cohortSchema, type Work } from "@stride/experiment";
import { type JobsOptions, UnrecoverableError } from "bullmq";
import type { Settings } from "./options.js";

/** Attempts and stalls are capped in Postgres; the queue itself never gives up. (Both are 32-bit columns there.) */
const unlimited = 1_000_000_000;

/**
 * The job's id: a function of the cohort's alone, so that adding a cohort twice is one job. BullMQ refuses ids that are
 * integers or hold a colon.
 */
export function jobId(cohortId: string): string {
  return `cohort-${encodeURIComponent(cohortId)}`;
}

/** Finished jobs leave nothing behind, so that their cohort can be added again. */
export const jobOptions = {
  attempts: unlimited,
  backoff: { type: "capped-exponential" },
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
} as const satisfies JobsOptions;

export const maxStalledCount = unlimited;

/** Pause before delivery number `attempt` + 1, in ms: first · 2^(attempt − 1), at most the longest. */
export function retryPause({ first, longest }: Settings["retryPauseMs"], attempt: number): number {
  return Math.min(first * 2 ** (attempt - 1), longest);
}

/**
 * Of a batch that an update waits for. One that fails for good is dropped, and holds the update up no longer: Postgres knows that it
 * is missing, and has it added again.
 */
export const batchOptions = { ...jobOptions, removeDependencyOnFailure: true } as const satisfies JobsOptions;

/** The work a job carries. Throws an error that ends the job: the same bytes would be as wrong the next time. */
export function parsePayload(id: string | undefined, data: unknown): Work {
  const ofAgent = typeof data === "object" && data !== null && "kind" in data;
  const parsed = ofAgent ? agentWorkSchema.safeParse(data) : cohortSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  const what = ofAgent ? "no episodes and no update" : "no cohort";
  throw new UnrecoverableError(`job ${id} carries ${what}${where}: ${issue?.message ?? "malformed"}`);
}

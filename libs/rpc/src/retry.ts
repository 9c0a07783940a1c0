import { setTimeout } from "node:timers/promises";

/** How long one attempt may take, and when to give up. Times in milliseconds. */
export interface RetryPolicy {
  /** Of one attempt. */
  readonly deadlineMs: number;
  /** No attempt starts later than this after the first one did. 0: a single attempt. */
  readonly limitMs: number;
  /** Bounds of the pause after attempt n = 0, 1, …: uniform in [0, min(maxPauseMs, firstPauseMs · 2ⁿ)). */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
}

/** The clock, the timer and the chance that retries use. */
export interface Timing {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Uniform in [0, 1). */
  random(): number;
}

export const systemTiming: Timing = {
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
  random: Math.random,
};

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly timing: Timing;
  readonly signal: AbortSignal;
  isRetryable(error: unknown): boolean;
}

/**
 * Calls `attempt` until it succeeds, fails for good, or the policy's time is over; then throws its last error.
 * Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", 2015), so that workers which lost the same
 * coordinator do not come back at the same moment.
 */
export async function withRetries<T>(
  attempt: (deadline: Date) => Promise<T>,
  { policy, timing, signal, isRetryable }: RetryOptions,
): Promise<T> {
  const end = timing.now() + policy.limitMs;
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt(new Date(timing.now() + policy.deadlineMs));
    } catch (error) {
      if (signal.aborted || !isRetryable(error)) throw error;
      const pause = timing.random() * Math.min(policy.maxPauseMs, policy.firstPauseMs * 2 ** retries);
      if (timing.now() + pause >= end) throw error;
      await timing.sleep(pause, signal);
    }
  }
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RetryPolicy, type Timing, withRetries } from "./retry.js";

const policy: RetryPolicy = { deadlineMs: 1_000, limitMs: 60_000, firstPauseMs: 100, maxPauseMs: 5_000 };
const never = new AbortController().signal;

/** A clock that only sleeping moves. */
function fakeTiming(random = () => 0.999): Timing & { readonly pauses: number[] } {
  let time = 0;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => time,
    random,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      pauses.push(ms);
      time += ms;
    },
  };
}

/** Fails so many times, then answers with the number of calls. */
function failing(times: number): { attempt(deadline: Date): Promise<number>; readonly deadlines: number[] } {
  const deadlines: number[] = [];
  return {
    deadlines,
    async attempt(deadline) {
      deadlines.push(deadline.getTime());
      if (deadlines.length <= times) throw new Error(`failure ${deadlines.length}`);
      return deadlines.length;
    },
  };
}

describe("withRetries", () => {
  it("calls again after pauses that double up to the maximum", async () => {
    const timing = fakeTiming(() => 0.5);
    const calls = failing(8);
    expect(await withRetries(calls.attempt, { policy, timing, signal: never, isRetryable: () => true })).toBe(9);
    expect(timing.pauses).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500]);
  });

  it("gives each attempt a deadline of its own", async () => {
    const timing = fakeTiming(() => 0.5);
    const calls = failing(2);
    await withRetries(calls.attempt, { policy, timing, signal: never, isRetryable: () => true });
    expect(calls.deadlines).toEqual([1_000, 1_050, 1_150]);
  });

  it("does not repeat what repeating does not mend", async () => {
    const timing = fakeTiming();
    const calls = failing(1);
    await expect(
      withRetries(calls.attempt, { policy, timing, signal: never, isRetryable: () => false }),
    ).rejects.toThrow("failure 1");
    expect(timing.pauses).toEqual([]);
  });

  it("makes a single attempt when the limit is 0", async () => {
    const timing = fakeTiming();
    const options = { policy: { ...policy, limitMs: 0 }, timing, signal: never, isRetryable: () => true };
    await expect(withRetries(failing(1).attempt, options)).rejects.toThrow("failure 1");
  });

  it("stops when the signal aborts while it waits", async () => {
    const closing = new AbortController();
    const timing = fakeTiming();
    const attempt = async () => {
      setImmediate(() => closing.abort());
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      throw new Error("cut off");
    };
    await expect(
      withRetries(attempt, { policy, timing, signal: closing.signal, isRetryable: () => true }),
    ).rejects.toThrow("cut off");
    expect(timing.pauses).toEqual([]);
  });

  it("never starts an attempt after the limit, and never pauses longer than the bound, whatever the chance", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), async (chances) => {
        const timing = fakeTiming(() => chances.next().value);
        const calls = failing(200);
        const result = withRetries(calls.attempt, { policy, timing, signal: never, isRetryable: () => true });
        await result.catch(() => {});
        for (const deadline of calls.deadlines) expect(deadline - policy.deadlineMs).toBeLessThan(policy.limitMs);
        for (const [n, pause] of timing.pauses.entries()) {
          expect(pause).toBeLessThanOrEqual(Math.min(policy.maxPauseMs, policy.firstPauseMs * 2 ** n));
        }
      }),
      { numRuns: 50 },
    );
  });
});

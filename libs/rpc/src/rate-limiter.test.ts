import { describe, expect, it } from "vitest";
import { rateLimiter } from "./rate-limiter.js";

function limiter({ perSecond = 2, burst = 3, capacity = 10 } = {}) {
  let now = 0;
  const limits = rateLimiter({ perSecond, burst, capacity, now: () => now });
  const takes = (times: number, key = "a") => Array.from({ length: times }, () => limits.take(key));
  const wait = (ms: number) => {
    now += ms;
  };
  return { ...limits, takes, wait };
}

describe("a rate limiter", () => {
  it("lets a burst through and then as many as the rate gives back", () => {
    const { takes, wait } = limiter();
    expect(takes(5)).toEqual([true, true, true, false, false]);
    wait(500);
    expect(takes(2)).toEqual([true, false]);
    wait(1_000);
    expect(takes(3)).toEqual([true, true, false]);
  });

  it("saves up no more than a burst", () => {
    const { takes, wait } = limiter();
    wait(3_600_000);
    expect(takes(4)).toEqual([true, true, true, false]);
  });

  it("counts each key for itself", () => {
    const { takes, isEmpty } = limiter();
    takes(3);
    expect([isEmpty("a"), isEmpty("b")]).toEqual([true, false]);
    expect(takes(1, "b")).toEqual([true]);
  });

  it("is not drained further by what it refuses", () => {
    const { takes, wait } = limiter();
    takes(1_000);
    wait(500);
    expect(takes(1)).toEqual([true]);
  });

  it("remembers so many keys, and forgets the one used longest ago", () => {
    const { takes, isEmpty } = limiter({ capacity: 2 });
    takes(3, "a");
    takes(3, "b");
    takes(1, "a");
    takes(3, "c");
    expect([isEmpty("a"), isEmpty("b"), isEmpty("c")]).toEqual([true, false, true]);
  });

  it("gives nothing back when the clock goes backwards", () => {
    const { takes, wait } = limiter();
    takes(3);
    wait(-10_000);
    expect(takes(1)).toEqual([false]);
  });
});

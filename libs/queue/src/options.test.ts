import { describe, expect, it } from "vitest";
import { onceInAWhile } from "./consumer.js";
import { withoutSecrets } from "./errors.js";
import { jobId, retryPause } from "./job.js";
import { withDefaults } from "./options.js";

describe("the pause before another delivery", () => {
  it.each([
    { attempt: 1, pause: 1_000 },
    { attempt: 2, pause: 2_000 },
    { attempt: 6, pause: 32_000 },
    { attempt: 7, pause: 60_000 },
    { attempt: 5_000, pause: 60_000 },
  ])("is $pause ms after attempt $attempt", ({ attempt, pause }) => {
    expect(retryPause({ first: 1_000, longest: 60_000 }, attempt)).toBe(pause);
  });
});

describe("a job's id", () => {
  it.each(["1234567890", "a:b", "x"])("of %s is one BullMQ accepts", (cohortId) => {
    expect(jobId(cohortId)).toMatch(/^cohort-[^:]+$/);
  });

  it("differs for different cohorts", () => {
    expect(jobId("a:b")).not.toBe(jobId("a%3Ab"));
  });
});

describe("options", () => {
  const url = "redis://127.0.0.1";
  it.each([
    { options: { name: "a:b" }, message: 'queue name must be letters, digits and dashes, got "a:b"' },
    { options: { lockDurationMs: 0 }, message: "lockDurationMs must be a positive integer, got 0" },
    { options: { stalledIntervalMs: 0.5 }, message: "stalledIntervalMs must be a positive integer, got 0.5" },
    {
      options: { retryPauseMs: { first: 10, longest: 5 } },
      message: "retryPauseMs.longest must be at least 10, got 5",
    },
  ])("that make no sense are refused: $message", ({ options, message }) => {
    expect(() => withDefaults({ url, ...options })).toThrow(message);
  });
});

describe("errors that are passed on", () => {
  it("carry neither the secret nor what the driver attached", () => {
    const error = Object.assign(new Error("no entry for hunter2"), {
      code: "WRONGPASS",
      command: { name: "auth", args: ["hunter2"] },
    });
    const safe = withoutSecrets(error, ["hunter2"]);
    expect(safe.message).toBe("no entry for ***");
    expect(Object.keys(safe)).toEqual(["name", "code"]);
    expect(safe.stack).not.toContain("hunter2");
  });

  it("name the first reason where a driver tried several addresses", () => {
    const both = new AggregateError([
      new Error("connect ECONNREFUSED ::1:1"),
      new Error("connect ECONNREFUSED 127.0.0.1:1"),
    ]);
    expect(withoutSecrets(both, []).message).toBe("connect ECONNREFUSED ::1:1");
  });

  it("come once in ten seconds for each message", () => {
    let time = 0;
    const told: string[] = [];
    const report = onceInAWhile(
      (error) => told.push(`${time} ${error.message}`),
      () => time,
    );
    for (time of [0, 1_000, 9_000, 11_000]) report(new Error("refused"));
    time = 12_000;
    report(new Error("other"));
    expect(told).toEqual(["0 refused", "11000 refused", "12000 other"]);
  });
});

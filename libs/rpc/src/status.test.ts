import { status } from "@grpc/grpc-js";
import { InvalidArgument, StudyNotFound } from "@stride/experiment";
import { describe, expect, it } from "vitest";
import { ClientClosed, RemoteFailure, Unauthenticated, Unreachable } from "./errors.js";
import { fromStatus, isRetryable, isTransientError, toStatus } from "./status.js";

function wireError(code: status, details = "details"): Error {
  return Object.assign(new Error(details), { code, details });
}

const context = { address: "127.0.0.1:1", signal: new AbortController().signal };

describe("toStatus", () => {
  it.each([
    ["bad input", new InvalidArgument("x must be 1"), status.INVALID_ARGUMENT, "x must be 1", true],
    ["a missing study", new StudyNotFound("s"), status.NOT_FOUND, 'there is no study named "s"', true],
    ["a bug", new TypeError("secret"), status.INTERNAL, "an error in the coordinator; its log says which", false],
    ["something that is no error", "secret", status.INTERNAL, "an error in the coordinator; its log says which", false],
    [
      "a service that is away",
      Object.assign(new Error("secret"), { code: "ECONNREFUSED" }),
      status.UNAVAILABLE,
      "the coordinator cannot reach a service that it needs",
      false,
    ],
  ])("of %s", (_, error, code, details, blameless) => {
    expect(toStatus(error, isTransientError)).toEqual({ status: { code, details }, blameless });
  });

  it("cuts a message so that it fits a header, between characters", () => {
    const { details } = toStatus(new InvalidArgument("😀".repeat(5_000)), isTransientError).status;
    expect(encodeURIComponent(details ?? "").length).toBeLessThan(8_300);
    expect(details).toMatch(/^(😀)+…$/u);
  });
});

describe("isTransientError", () => {
  it.each(["ECONNRESET", "EPIPE", "57P01", "08006", "53300", "40001"])("holds for code %s, also as a cause", (code) => {
    const error = Object.assign(new Error("lost"), { code });
    expect(isTransientError(error)).toBe(true);
    expect(isTransientError(new Error("query failed", { cause: error }))).toBe(true);
  });

  it("holds for a driver's error that has no code but says that the connection ended", () => {
    expect(isTransientError(new Error("Connection terminated unexpectedly"))).toBe(true);
  });

  it.each(["23505", "42P01", "ENOENT", "ERR_ASSERTION"])("does not hold for code %s", (code) => {
    expect(isTransientError(Object.assign(new Error("bug"), { code }))).toBe(false);
  });

  it("ends on errors that cause each other", () => {
    const one = new Error("one");
    one.cause = new Error("two", { cause: one });
    expect(isTransientError(one)).toBe(false);
  });
});

describe("isRetryable", () => {
  it.each([
    ["UNAVAILABLE", true],
    ["DEADLINE_EXCEEDED", true],
    ["RESOURCE_EXHAUSTED", true],
    ["ABORTED", true],
    ["CANCELLED", true],
    ["INTERNAL", false],
    ["INVALID_ARGUMENT", false],
    ["UNAUTHENTICATED", false],
    ["NOT_FOUND", false],
    ["UNIMPLEMENTED", false],
  ] as const)("of %s is %s", (code, expected) => expect(isRetryable(wireError(status[code]))).toBe(expected));

  it.each([
    [status.RESOURCE_EXHAUSTED, "Received message larger than max (5000000 vs 4194304)", false],
    [status.INTERNAL, "Received RST_STREAM with code 2 triggered by internal client error", true],
  ])("of code %s with %j is %s", (code, details, expected) => {
    expect(isRetryable(wireError(code, details))).toBe(expected);
  });

  it("of an error that is not the wire's is false", () => expect(isRetryable(new Error("bug"))).toBe(false));
});

describe("fromStatus", () => {
  it.each([
    ["INVALID_ARGUMENT", InvalidArgument, /^details$/],
    ["UNAUTHENTICATED", Unauthenticated, /127\.0\.0\.1:1 refused the token/],
    ["UNAVAILABLE", Unreachable, /cannot reach the coordinator at 127\.0\.0\.1:1 \(details\)/],
    ["DEADLINE_EXCEEDED", Unreachable, /\(no answer in time\)/],
    ["INTERNAL", RemoteFailure, /127\.0\.0\.1:1 failed: details/],
    ["UNIMPLEMENTED", RemoteFailure, /is it of the same version\?/],
    ["NOT_FOUND", RemoteFailure, /failed: details/],
  ] as const)("of %s", (code, family, message) => {
    const cause = wireError(status[code]);
    const error = fromStatus(cause, context);
    expect(error).toBeInstanceOf(family);
    expect(error).toMatchObject({ cause, message: expect.stringMatching(message) });
  });

  it("of a refused connection gives the reason alone", () => {
    const details = "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ";
    expect(fromStatus(wireError(status.UNAVAILABLE, details), context)).toMatchObject({
      message: expect.stringContaining("at 127.0.0.1:1 (connect ECONNREFUSED 127.0.0.1:1): is it"),
    });
  });

  it("of NOT_FOUND names the study the call named", () => {
    expect(fromStatus(wireError(status.NOT_FOUND), { ...context, study: "s" })).toEqual(new StudyNotFound("s"));
  });

  it("of anything is ClientClosed once the client is closed", () => {
    const signal = AbortSignal.abort();
    expect(fromStatus(wireError(status.CANCELLED), { ...context, signal })).toBeInstanceOf(ClientClosed);
  });

  it("of an error that is not the wire's is that error", () => {
    const bug = new Error("bug");
    expect(fromStatus(bug, context)).toBe(bug);
  });
});

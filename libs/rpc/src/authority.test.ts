import { describe, expect, it } from "vitest";
import {
  type Caller,
  createAuthority,
  type TokenEntry,
  tokenSha256,
  workerRateFactor,
  wrongTokens,
} from "./authority.js";
import { type Role, roles } from "./roles.js";

const expires = new Date("2027-01-01T00:00:00Z");

function entry(token: string, role: Role, rest: Partial<TokenEntry> = {}): TokenEntry {
  return { name: `the ${role}`, role, sha256: tokenSha256(token), ...rest };
}

function authority({ tokens = roles.map((role) => entry(`${role}-token`, role)), rateLimit = 0 } = {}) {
  let now = new Date("2026-12-31T23:59:59Z").getTime();
  const made = createAuthority({ tokens, rateLimit, now: () => now });
  const wait = (ms: number) => {
    now += ms;
  };
  const roleOf = (authorization: string | undefined): Role | undefined => {
    const admission = made.admit({ authorization, peer: "192.0.2.1", connection: "1000" }, "any", "laboratory");
    return admission.kind === "admitted" ? admission.role : undefined;
  };
  return { ...made, roleOf, wait };
}

function caller(token: string, { peer = "192.0.2.1", connection = "1000" } = {}): Caller {
  return { authorization: `Bearer ${token}`, peer, connection };
}

describe("what a token may do", () => {
  it.each([
    ["read", ["read", "any"]],
    ["submit", ["read", "submit", "any"]],
    ["work", ["work", "any"]],
    ["admin", ["read", "submit", "work", "admin", "any"]],
  ] as const)("with the role %s is %j", (role, allowed) => {
    const { admit } = authority();
    const needs = [...roles, "any"] as const;
    const may = needs.filter((need) => admit(caller(`${role}-token`), need, "laboratory").kind === "admitted");
    expect(may).toEqual(allowed);
  });

  it("is said with both roles and the token's name when it is not enough", () => {
    expect(authority().admit(caller("read-token"), "submit", "laboratory")).toEqual({
      kind: "refused",
      reason: "forbidden",
      message: "this call needs the role submit, and the token of the read has the role read",
    });
  });

  it("ends when it expires, to the millisecond, and the holder hears when that was", () => {
    const { admit, roleOf, wait } = authority({ tokens: [entry("t", "admin", { expires })] });
    wait(999);
    expect(admit(caller("t"), "read", "laboratory")).toMatchObject({ kind: "admitted", role: "admin" });
    wait(1);
    expect(admit(caller("t"), "read", "laboratory")).toEqual({
      kind: "refused",
      reason: "expired",
      message: "the token of the admin expired at 2027-01-01T00:00:00.000Z",
    });
    expect(roleOf("Bearer t")).toBeUndefined();
  });
});

describe("a header", () => {
  it.each([
    ["Bearer read-token", "read"],
    ["bearer admin-token", "admin"],
    ["read-token", undefined],
    ["Basic read-token", undefined],
    ["Bearer", undefined],
    ["Bearer ", undefined],
    ["Bearer read-token ", undefined],
    ["Bearer read-toke", undefined],
    ["Bearer read-tokens", undefined],
    [`Bearer ${tokenSha256("read-token")}`, undefined],
    [`Bearer ${"x".repeat(100_000)}`, undefined],
    [undefined, undefined],
  ])("%j has the role %s", (authorization, role) => {
    expect(authority().roleOf(authorization)).toBe(role);
  });
});

describe("tokens that are replaced", () => {
  it("may both be valid under one name, until the old one is left out", () => {
    const both = [entry("old", "submit", { name: "alice" }), entry("new", "submit", { name: "alice" })];
    const { replace, roleOf } = authority({ tokens: both });
    expect([roleOf("Bearer old"), roleOf("Bearer new")]).toEqual(["submit", "submit"]);
    replace(both.slice(1));
    expect([roleOf("Bearer old"), roleOf("Bearer new")]).toEqual([undefined, "submit"]);
    replace([]);
    expect(roleOf("Bearer new")).toBeUndefined();
  });
});

describe("wrong tokens", () => {
  const guess = (peer: string, connection: string) => caller("guess", { peer, connection });

  it("close the door to an address after a few, also to a right one, so that no guess is confirmed", () => {
    const { admit, wait } = authority();
    for (let index = 0; index < wrongTokens.burst; index += 1) {
      expect(admit(guess("192.0.2.1", `${index}`), "read", "laboratory")).toMatchObject({ reason: "unauthenticated" });
    }
    expect(admit(guess("192.0.2.1", "x"), "read", "laboratory")).toMatchObject({ reason: "guessing" });
    expect(admit(caller("read-token"), "read", "laboratory")).toMatchObject({ reason: "guessing" });
    expect(admit(caller("read-token", { peer: "192.0.2.2" }), "read", "laboratory").kind).toBe("admitted");
    wait(1_000 / wrongTokens.perSecond);
    expect(admit(caller("read-token"), "read", "laboratory").kind).toBe("admitted");
  });

  it("do not cut off connections of that address which had a right one", () => {
    const { admit } = authority();
    admit(caller("work-token", { connection: "worker" }), "work", "worker");
    for (let index = 0; index <= wrongTokens.burst; index += 1) admit(guess("192.0.2.1", "g"), "read", "laboratory");
    expect(admit(caller("work-token", { connection: "worker" }), "work", "worker").kind).toBe("admitted");
    expect(admit(caller("work-token", { connection: "other" }), "work", "worker")).toMatchObject({
      reason: "guessing",
    });
  });
});

describe("the rate of calls", () => {
  const count = (calls: readonly { kind: string }[]) => calls.filter(({ kind }) => kind === "admitted").length;

  it("is limited for each token: two seconds' worth at once, then so many a second", () => {
    const { admit, wait } = authority({ rateLimit: 10 });
    const call = (token: string) => admit(caller(token), "read", "laboratory");
    expect(count(Array.from({ length: 50 }, () => call("read-token")))).toBe(20);
    expect(call("read-token")).toEqual({
      kind: "refused",
      reason: "rate",
      message: "the token of the read makes too many calls a second: try again later",
    });
    expect(call("submit-token").kind).toBe("admitted");
    wait(1_000);
    expect(count(Array.from({ length: 50 }, () => call("read-token")))).toBe(10);
  });

  it("is far higher for workers, and counted apart", () => {
    const { admit } = authority({ rateLimit: 10 });
    const work = () => admit(caller("admin-token"), "work", "worker");
    expect(count(Array.from({ length: 2_000 }, work))).toBe(2 * workerRateFactor * 10);
    expect(admit(caller("admin-token"), "read", "laboratory").kind).toBe("admitted");
  });

  it("is not limited by 0", () => {
    const { admit } = authority();
    expect(count(Array.from({ length: 5_000 }, () => admit(caller("read-token"), "read", "laboratory")))).toBe(5_000);
  });
});

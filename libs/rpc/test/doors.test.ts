import { readFileSync } from "node:fs";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { createAuthority, type RefusalReason, type Role, roles, tokenSha256 } from "../src/index.js";
import { allows, needOf } from "../src/roles.js";
import { everyMethod, rawClient } from "./every-method.js";
import { memoryLaboratory } from "./memory-laboratory.js";
import { memoryReporter } from "./memory-reporter.js";
import { patient, serving, start } from "./serving.js";

const expected: Readonly<Record<string, Role>> = {
  "/stride.v1.LaboratoryService/Submit": "submit",
  "/stride.v1.LaboratoryService/ListStudies": "read",
  "/stride.v1.LaboratoryService/GetStudy": "read",
  "/stride.v1.LaboratoryService/SetStudyState": "submit",
  "/stride.v1.LaboratoryService/RetryFailed": "submit",
  "/stride.v1.LaboratoryService/ListTrials": "read",
  "/stride.v1.LaboratoryService/ListCurves": "read",
  "/stride.v1.LaboratoryService/ListWinRates": "read",
  "/stride.v1.LaboratoryService/ListPolicies": "read",
  "/stride.v1.LaboratoryService/GetPolicy": "read",
  "/stride.v1.LaboratoryService/GetAgentProgress": "read",
  "/stride.v1.LaboratoryService/Diagnose": "read",
  "/stride.v1.LaboratoryService/ListWorkers": "read",
  "/stride.v1.WorkerService/StartAttempt": "work",
  "/stride.v1.WorkerService/Report": "work",
  "/stride.v1.WorkerService/FinishAttempt": "work",
  "/stride.v1.WorkerService/AbandonAttempt": "work",
  "/stride.v1.WorkerService/FinishEpisodes": "work",
  "/stride.v1.WorkerService/ListTrajectories": "work",
  "/stride.v1.WorkerService/FinishUpdate": "work",
  "/stride.v1.WorkerService/Announce": "work",
};

function methodsOfProto(name: string): string[] {
  const text = readFileSync(new URL(`../../../protos/stride/v1/${name}.proto`, import.meta.url), "utf8");
  const service = /^service (\w+) \{/m.exec(text)?.[1];
  return [...text.matchAll(/^ {2}rpc (\w+)\(/gm)].map(([, method]) => `/stride.v1.${service}/${method}`);
}

describe("the roles of the methods", () => {
  it("are those of every method of the proto files", () => {
    const all = [...methodsOfProto("laboratory"), ...methodsOfProto("worker")];
    expect(Object.fromEntries(all.map((path) => [path, needOf(path)]))).toEqual(expected);
    expect(everyMethod.map(({ path }) => path).sort()).toEqual(Object.keys(expected).sort());
  });

  it("ask for admin where there is no entry, as for a method that a later version adds", () => {
    expect(needOf("/stride.v1.LaboratoryService/DropEverything")).toBe("admin");
  });
});

const tokens = [
  ...roles.map((role) => ({ name: role, role, sha256: tokenSha256(`${role}-token`) })),
  { name: "late", role: "admin" as const, sha256: tokenSha256("late-token"), expires: new Date("2020-01-01") },
];

/** A server with those tokens, which remembers what it refused and what came through. */
async function guarded() {
  const refusals: RefusalReason[] = [];
  const laboratory = memoryLaboratory();
  const reporter = memoryReporter();
  const authority = createAuthority({ tokens });
  const server = await serving({ authority, laboratory, reporter, onRefused: (reason) => refusals.push(reason) });
  const client = rawClient(server.address);
  return {
    client,
    refusals,
    server,
    authority,
    calls: () => [...laboratory.calls, ...reporter.calls],
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe.each(everyMethod)("$path", (method) => {
  it.each([
    { what: "no token", headers: {}, reason: "unauthenticated" },
    { what: "a wrong token", headers: { authorization: "Bearer wrong" }, reason: "unauthenticated" },
    { what: "a token without its scheme", headers: { authorization: "admin-token" }, reason: "unauthenticated" },
    { what: "an expired token", headers: { authorization: "Bearer late-token" }, reason: "expired" },
  ])("is closed to $what", async ({ headers, reason }) => {
    await using door = await guarded();
    const ending = await door.client.call(method, method.request, headers as Record<string, string>);
    expect(ending.code).toBe(status.UNAUTHENTICATED);
    expect(door.refusals).toEqual([reason]);
    expect(door.calls()).toEqual([]);
  });

  it("is open to the roles that it needs, and names both roles to the others", async () => {
    await using door = await guarded();
    for (const role of roles) {
      const before = door.calls().length;
      const ending = await door.client.call(method, method.request, { authorization: `Bearer ${role}-token` });
      if (allows(role, expected[method.path] ?? "admin")) {
        expect([status.UNAUTHENTICATED, status.PERMISSION_DENIED]).not.toContain(ending.code);
      } else {
        expect(ending).toEqual({
          code: status.PERMISSION_DENIED,
          details: `this call needs the role ${expected[method.path]}, and the token of ${role} has the role ${role}`,
        });
        expect(door.calls()).toHaveLength(before);
      }
    }
  });
});

describe("a server with tokens", () => {
  it("takes up replaced ones from the next call on", async () => {
    await using door = await guarded();
    const method = everyMethod[1];
    if (method === undefined) throw new Error("there are methods");
    const call = (token: string) => door.client.call(method, method.request, { authorization: `Bearer ${token}` });
    expect((await call("read-token")).code).toBe(status.OK);
    door.authority.replace([{ name: "new", role: "read", sha256: tokenSha256("new-token") }]);
    expect([(await call("read-token")).code, (await call("new-token")).code]).toEqual([
      status.UNAUTHENTICATED,
      status.OK,
    ]);
  });

  it("says that a client makes too many calls, which the client then repeats", async () => {
    const refusals: RefusalReason[] = [];
    const only = { name: "fleet", role: "work" as const, sha256: tokenSha256("t") };
    const authority = createAuthority({ tokens: [only], rateLimit: 0.4 });
    await using server = await serving({ authority, onRefused: (reason) => refusals.push(reason) });
    await using client = patient(server.address, { token: "t" });
    const ids = Array.from({ length: 60 }, (_, index) => `cohort-${index}`);
    const answers = await Promise.all(ids.map((cohortId) => client.startAttempt({ ...start, cohortId })));
    expect(answers).toHaveLength(60);
    expect(new Set(refusals)).toEqual(new Set(["rate"]));
  });

  it("takes a client's token as it is at each call", async () => {
    await using door = await guarded();
    let token = "late-token";
    const current = { current: () => token, subscribe: () => {} };
    await using client = patient(door.server.address, { token: current });
    await expect(client.startAttempt(start)).rejects.toThrow(/the token of late expired at 2020-01-01/);
    token = "work-token";
    expect(await client.startAttempt(start)).toEqual({ kind: "continue", token: 1 });
  });
});

import { credentials, Metadata } from "@grpc/grpc-js";
import { StudyNotFound } from "@stride/experiment";
import { expect, it } from "vitest";
import { WorkerServiceClient } from "../src/gen/stride/v1/worker.js";
import { createLaboratoryClient, type ObservedCall } from "../src/index.js";
import { memoryLaboratory } from "./memory-laboratory.js";
import { memoryReporter } from "./memory-reporter.js";
import { gate, impatient, serving, start } from "./serving.js";

/** A server whose calls are told to a list. */
async function observed(options: Parameters<typeof serving>[0] = {}) {
  const calls: ObservedCall[] = [];
  const server = await serving({ ...options, onCall: (call) => calls.push(call) });
  return { server, calls, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

it("tells of each call its method, status, time and caller", async () => {
  await using each = await observed();
  await using client = impatient(each.server.address);
  await client.startAttempt(start);
  expect(each.calls).toMatchObject([{ method: "stride.v1.WorkerService/StartAttempt", code: "OK", streams: false }]);
  const [call] = each.calls as [ObservedCall];
  expect(call.seconds).toBeGreaterThan(0);
  expect(call.peer).toMatch(/^127\.0\.0\.1:\d+$/);
});

it("tells of calls that fail, stream, or are refused at the door", async () => {
  const laboratory = {
    ...memoryLaboratory(),
    study: async (name: string) => {
      throw new StudyNotFound(name);
    },
  };
  await using each = await observed({ laboratory, token: "secret" });
  await using client = createLaboratoryClient({ address: each.server.address, token: "secret" });
  await expect(client.study("none")).rejects.toThrow(StudyNotFound);
  await client.studies();
  await using stranger = impatient(each.server.address, { token: "wrong" });
  await expect(stranger.startAttempt(start)).rejects.toThrow("refused the token");
  expect(each.calls.map(({ method, code, streams }) => [method, code, streams])).toEqual([
    ["stride.v1.LaboratoryService/GetStudy", "NOT_FOUND", false],
    ["stride.v1.LaboratoryService/ListStudies", "OK", true],
    ["stride.v1.WorkerService/StartAttempt", "UNAUTHENTICATED", false],
  ]);
});

it("tells of a call that its caller gave up, once", async () => {
  const { opened, open } = gate();
  const reporter = memoryReporter();
  const slow = {
    ...reporter,
    startAttempt: async (request: typeof start) => {
      await opened;
      return reporter.startAttempt(request);
    },
  };
  await using each = await observed({ reporter: slow });
  const client = impatient(each.server.address, { retry: { deadlineMs: 100, limitMs: 0 } });
  await expect(client.startAttempt(start)).rejects.toThrow("no answer in time");
  await expect.poll(() => each.calls.map(({ code }) => code)).toEqual(["CANCELLED"]);
  open();
  await client[Symbol.asyncDispose]();
});

it("does not tell of methods that are not served, whose names a caller makes up", async () => {
  await using each = await observed();
  const client = new WorkerServiceClient(each.server.address, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  await new Promise<void>((resolve) => {
    client.makeUnaryRequest("/made.up/Name", same, same, Buffer.alloc(0), new Metadata(), () => resolve());
  });
  client.close();
  expect(each.calls).toEqual([]);
});

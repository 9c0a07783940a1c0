import { InvalidArgument, type WorkerNode } from "@stride/experiment";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLaboratoryClient, ProtocolMismatch } from "../src/index.js";
import { memoryLaboratory } from "./memory-laboratory.js";
import { memoryReporter } from "./memory-reporter.js";
import { impatient, serving, start } from "./serving.js";

const worker: WorkerNode = {
  workerId: "node-7",
  version: "0.1.0",
  executor: "onnx-cuda",
  slots: 4,
  concurrency: 2,
  busy: 1,
  state: "working",
  devices: [
    { index: 0, kind: "cuda", name: "A100", memoryMb: 81_920, driver: "550.54" },
    { index: 1, kind: "webgpu", name: "llvmpipe" },
  ],
};

describe("a worker's announcement", () => {
  it("arrives as it was sent", async () => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    for (const state of ["working", "draining", "gone"] as const) await client.announce({ ...worker, state });
    expect(reporter.announced).toEqual(["working", "draining", "gone"].map((state) => ({ ...worker, state })));
  });

  it.each<[Partial<WorkerNode>, string]>([
    [{ workerId: "" }, 'worker.worker_id must be 1 to 200 characters in one line, got ""'],
    [{ slots: 0 }, "worker.slots must be an integer of at least 1, got 0"],
    [{ concurrency: 5 }, "worker.concurrency must be at most slots (4), got 5"],
    [{ busy: -1 }, "worker.busy must be an integer of at least 0, got -1"],
    [
      { devices: [{ index: 0, kind: "", name: "x" }] },
      'worker.devices[0].kind must be 1 to 200 characters in one line, got ""',
    ],
  ])("with %j is refused, naming the field", async (changes, message) => {
    const reporter = memoryReporter();
    await using server = await serving({ reporter });
    await using client = impatient(server.address);
    await expect(client.announce({ ...worker, ...changes })).rejects.toThrow(new InvalidArgument(message));
    expect(reporter.announced).toEqual([]);
  });
});

it("lists any number of workers, in their order", async () => {
  const times = { firstSeenAt: new Date(1_000), lastSeenAt: new Date(2_000) };
  const workers = Array.from({ length: 450 }, (_, index) => ({ ...worker, workerId: `node-${index}`, ...times }));
  await using server = await serving({ laboratory: memoryLaboratory({ workers }) });
  await using client = createLaboratoryClient({ address: server.address });
  expect(await client.workers()).toEqual(workers);
});

describe("the protocol", () => {
  it("that a client names is accepted within the server's range, and refused outside, saying who is to be upgraded", async () => {
    const number = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(number, number, number, async (one, other, spoken) => {
        const protocols = { oldest: Math.min(one, other), newest: Math.max(one, other) };
        const reporter = memoryReporter();
        await using server = await serving({ reporter, protocols });
        await using client = impatient(server.address, { protocol: spoken });
        const answer = await client.startAttempt(start).catch((error: unknown) => error);
        if (spoken >= protocols.oldest && spoken <= protocols.newest) {
          expect(answer).toEqual({ kind: "continue", token: 1 });
          return;
        }
        expect(answer).toBeInstanceOf(ProtocolMismatch);
        const who = spoken < protocols.oldest ? "upgrade the caller" : "upgrade the coordinator first";
        expect(String(answer)).toContain(`the caller speaks protocol ${spoken}`);
        expect(String(answer)).toContain(who);
        expect(reporter.calls).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("of a researcher's calls is looked at as well", async () => {
    await using server = await serving({ protocols: { oldest: 3, newest: 3 } });
    await using client = createLaboratoryClient({ address: server.address });
    await expect(client.studies()).rejects.toThrow(ProtocolMismatch);
  });
});

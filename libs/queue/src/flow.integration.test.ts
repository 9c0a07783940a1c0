import { sampleFlow } from "@stride/experiment/contracts";
import { createPostgresBackend, Queue, withBackend } from "bullmq";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { backends, quick } from "../test/backends.js";
import { inbox } from "../test/inbox.js";
import { startRedis } from "./testing.js";

const onError = () => undefined;
const flow = sampleFlow({ batches: 3 });
const ids = [...flow.batches, flow.update].map(({ cohortId }) => cohortId);
const { cohortId: updateId } = flow.update;

describe.each(backends)("a flow on $kind", ({ kind, missing, start, create }) => {
  describe.skipIf(missing !== undefined)(missing ? `(skipped: ${missing})` : "", () => {
    let server: Awaited<ReturnType<typeof start>>;
    let count = 0;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server[Symbol.asyncDispose]());
    const open = (name: string) => create({ url: server.url, name, ...quick });
    const raw = (name: string) =>
      kind === "redis"
        ? new Queue(name, { connection: { url: server.url }, prefix: "stride" })
        : new (withBackend(createPostgresBackend).Queue)(name, { connection: server.url });

    it("does not wait for a batch that no worker can read, and says so in one line", async () => {
      const name = `flow-${++count}`;
      await using queue = await open(name);
      await queue.addFlow(flow);
      const bull = raw(name);
      const broken = await bull.getJob(`cohort-${flow.batches[1]?.cohortId}`);
      await broken?.updateData({ kind: "episodes" });
      await bull.close();
      const box = inbox();
      const errors: string[] = [];
      const listen = (error: Error) => errors.push(error.message);
      await using _ = await queue.consume({ slots: 1, handle: box.handle, onError: listen });
      await box.received(3);
      expect(box.ids.at(-1)).toBe(updateId);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(/^job cohort-e-sample-agent-0-1 carries no episodes and no update at cohortId: /);
    });

    it("is whole again, and in order, once it is added after everything was lost", async () => {
      const name = `flow-${++count}`;
      await using queue = await open(name);
      const box = inbox(async ({ cohortId }) => {
        if (cohortId === updateId) throw new Error("hold");
      });
      const consumer = await queue.consume({ slots: 1, handle: box.handle, onError });
      await queue.addFlow({ update: flow.update, batches: [] });
      await box.received(1);
      await consumer[Symbol.asyncDispose]();
      const bull = raw(name);
      await bull.obliterate({ force: true });
      await bull.resume();
      await bull.close();
      expect((await queue.present(ids)).size).toBe(0);
      await queue.addFlow(flow);
      const second = inbox();
      await using _ = await queue.consume({ slots: 1, handle: second.handle, onError });
      await second.received(4);
      expect(second.ids.at(-1)).toBe(updateId);
      await vi.waitFor(async () => expect((await queue.present(ids)).size).toBe(0));
    });

    it("waits for a batch that was done and is added again, and lets go when that one is taken back", async () => {
      await using queue = await open(`flow-${++count}`);
      const [first] = flow.batches;
      const gone = inbox();
      await queue.addFlow(flow);
      const consumer = await queue.consume({ slots: 1, handle: gone.handle, onError });
      await gone.received(1);
      await consumer[Symbol.asyncDispose]();
      expect(gone.ids).toHaveLength(1);
      expect(gone.ids).toEqual([first?.cohortId]);
      await queue.addFlow(flow);
      expect((await queue.present(ids)).size).toBe(4);
      await queue.remove(flow.batches.map(({ cohortId }) => cohortId));
      const box = inbox();
      await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
      await box.received(1);
      expect(box.ids).toEqual([updateId]);
    });

    it("takes a hundred iterations of a hundred batches, each kept apart", async () => {
      await using queue = await open(`flow-${++count}`);
      const flows = Array.from({ length: 100 }, (_, iteration) => sampleFlow({ iteration, batches: 100 }));
      for (const each of flows) await queue.addFlow(each);
      const parents = flows.map(({ update }) => update.cohortId);
      const all = flows.flatMap(({ batches }) => batches.map(({ cohortId }) => cohortId));
      expect((await queue.present([...parents, ...all])).size).toBe(10_100);
      await queue.remove(parents.slice(1));
      expect((await queue.present([...parents, ...all])).size).toBe(101);
    });
  });
});

it("is whole also in a Redis that was started again, and so has lost its scripts", async ({ skip }) => {
  const [redis] = backends;
  if (redis?.missing !== undefined) return skip(redis.missing);
  await using server = await startRedis();
  await using queue = (await redis?.create({ url: server.url, name: "scripts", ...quick })) ?? never();
  await queue.addFlow(flow);
  await server.kill();
  await server.restart();
  await vi.waitFor(() => queue.addFlow(sampleFlow({ studyName: "after" })), { timeout: 30_000, interval: 100 });
  const after = sampleFlow({ studyName: "after" });
  const afterIds = [...after.batches, after.update].map(({ cohortId }) => cohortId);
  expect((await queue.present([...ids, ...afterIds])).size).toBe(7);
});

it("leaves nothing of a flow behind in Redis but counters and the log of events", async ({ skip }) => {
  const [redis] = backends;
  if (redis?.missing !== undefined) return skip(redis.missing);
  await using server = await startRedis();
  await using queue = (await redis?.create({ url: server.url, name: "left", ...quick })) ?? never();
  const box = inbox();
  await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
  await queue.addFlow(flow);
  await box.received(4);
  await vi.waitFor(async () => expect((await queue.present(ids)).size).toBe(0));
  const keys = (await server.run("KEYS", "*")) as string[];
  expect(keys.filter((key) => key.includes("sample-agent"))).toEqual([]);
});

it("leaves no row of a flow behind in Postgres", async () => {
  const postgres = backends[1] ?? never();
  await using server = await postgres.start();
  await using queue = await postgres.create({ url: server.url, name: "left", ...quick });
  const box = inbox();
  await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
  await queue.addFlow(flow);
  await box.received(4);
  await vi.waitFor(async () => expect((await queue.present(ids)).size).toBe(0));
  const pool = new Pool({ connectionString: server.url });
  const { rows } = await pool.query(
    "select (select count(*) from bullmq.job)::int as jobs, (select count(*) from bullmq.job_dependency)::int as links",
  );
  await pool.end();
  expect(rows).toEqual([{ jobs: 0, links: 0 }]);
});

function never(): never {
  throw new Error("no such backend");
}

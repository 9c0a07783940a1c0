import { createPostgresBackend, Queue, withBackend } from "bullmq";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { backends, quick } from "../test/backends.js";
import { cohort, cohorts } from "../test/cohorts.js";
import { inbox } from "../test/inbox.js";
import { openTrialQueue } from "./index.js";

describe.each(backends)("on $kind", ({ kind, missing, start, create }) => {
  describe.skipIf(missing !== undefined)(missing ? `(skipped: ${missing})` : "", () => {
    let server: Awaited<ReturnType<typeof start>>;
    let count = 0;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server[Symbol.asyncDispose]());
    /** A queue of its own name, so that tests do not meet. */
    const open = (name = `test-${++count}`) => create({ url: server.url, name, ...quick });
    const onError = () => undefined;

    it("takes ten thousand cohorts at once, and only once", async () => {
      await using queue = await open();
      const many = cohorts(10_000);
      await queue.add(many);
      await queue.add(many.slice(0, 1_000));
      expect((await queue.present(many.map(({ cohortId }) => cohortId))).size).toBe(10_000);
      await queue.remove(many.slice(10).map(({ cohortId }) => cohortId));
      const box = inbox();
      await using _ = await queue.consume({ slots: 2, handle: box.handle, onError });
      await box.received(10);
      await queue.add([cohort("last")]);
      await box.received(11);
      expect([...box.ids].sort()).toEqual([...many.slice(0, 10).map(({ cohortId }) => cohortId), "last"].sort());
    });

    it("delivers a rejected cohort again after growing pauses, as often as it is rejected", async () => {
      await using queue = await open();
      const box = inbox(async (_, delivery) => {
        if (delivery < 6) throw new Error("not yet");
      });
      await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
      await queue.add([cohort("stubborn")]);
      await box.received(6);
      expect(box.ids).toEqual(Array(6).fill("stubborn"));
      await vi.waitFor(async () => expect((await queue.present(["stubborn"])).size).toBe(0));
    });

    it("counts a cohort that pauses before its next delivery as present", async () => {
      await using queue = await create({
        ...{ url: server.url, name: `test-${++count}` },
        retryPauseMs: { first: 60_000, longest: 60_000 },
      });
      const box = inbox(() => Promise.reject(new Error("later")));
      await using consumer = await queue.consume({ slots: 1, handle: box.handle, onError });
      await queue.add([cohort("pausing")]);
      await box.received(1);
      await consumer[Symbol.asyncDispose]();
      expect([...(await queue.present(["pausing", "unknown"]))]).toEqual(["pausing"]);
      await queue.remove(["pausing"]);
      expect((await queue.present(["pausing"])).size).toBe(0);
    });

    it("accepts any text as a cohort's id", async () => {
      await using queue = await open();
      const ids = ["1234567890", "a:b", "ü/ %3A", "cohort-1"];
      const box = inbox();
      await queue.add(ids.map(cohort));
      expect([...(await queue.present(ids))].sort()).toEqual([...ids].sort());
      await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
      await box.received(ids.length);
      expect([...box.ids].sort()).toEqual([...ids].sort());
    });

    it("drops a job that carries no cohort, says so once in one line, and goes on", async () => {
      const name = `test-${++count}`;
      await using queue = await open(name);
      const raw =
        kind === "redis"
          ? new Queue(name, { connection: { url: server.url }, prefix: "stride" })
          : new (withBackend(createPostgresBackend).Queue)(name, { connection: server.url });
      await raw.add("cohort", { cohortId: 7 }, { jobId: "cohort-broken", attempts: 5, removeOnFail: true });
      await raw.close();
      const box = inbox();
      const errors: string[] = [];
      const listen = (error: Error) => errors.push(error.message);
      await using _ = await queue.consume({ slots: 1, handle: box.handle, onError: listen });
      await queue.add([cohort("sound")]);
      await box.received(1);
      await vi.waitFor(async () => expect((await queue.present(["broken", "sound"])).size).toBe(0));
      expect(box.ids).toEqual(["sound"]);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(/^job cohort-broken carries no cohort at cohortId: .*$/);
    });

    it("waits on dispose for the cohorts in hand, and takes no more", async () => {
      await using queue = await open();
      let finish: () => void = () => undefined;
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const box = inbox(() => finished);
      const consumer = await queue.consume({ slots: 1, handle: box.handle, onError });
      await queue.add([cohort("in-hand"), cohort("waiting")]);
      await box.received(1);
      const disposed = vi.fn();
      const disposing = Promise.resolve(consumer[Symbol.asyncDispose]()).then(disposed);
      expect((await queue.present(["in-hand", "waiting"])).size).toBe(2);
      expect(disposed).not.toHaveBeenCalled();
      finish();
      await disposing;
      expect(box.ids).toHaveLength(1);
      const [left] = await queue.present(["in-hand", "waiting"]);
      expect(["in-hand", "waiting"].filter((id) => id !== box.ids[0])).toEqual([left]);
    });

    it("is opened by its URL alone", async () => {
      await using queue = await openTrialQueue({ url: server.url, name: `test-${++count}`, leaseMs: 3_000 });
      const box = inbox();
      await using _ = await queue.consume({ slots: 1, handle: box.handle, onError });
      await queue.add([cohort("one")]);
      await box.received(1);
      expect(box.ids).toEqual(["one"]);
    });

    it("lets two processes open it at once for the first time", async () => {
      await using fresh = await start();
      const opened = await Promise.all([1, 2, 3].map(() => create({ url: fresh.url, ...quick })));
      for (const queue of opened) await queue[Symbol.asyncDispose]();
    });
  });
});

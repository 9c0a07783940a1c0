import type { WorkerNode } from "@stride/experiment";
import { ProtocolMismatch, Unauthenticated } from "@stride/rpc";
import { expect, it, vi } from "vitest";
import { memoryLog } from "../test/memory-log.js";
import { type AnnouncerOptions, startAnnouncer } from "./announcer.js";

const worker: WorkerNode = {
  workerId: "w",
  version: "0.1.0",
  executor: "none",
  slots: 2,
  concurrency: 2,
  busy: 0,
  state: "working",
  devices: [],
};
const patience = { timeout: 30_000 };

/** An announcer whose reporter answers as `answer` does; its announcements in order. */
function announcer(answer: (count: number) => void = () => undefined, options: Partial<AnnouncerOptions> = {}) {
  const told: WorkerNode[] = [];
  const mismatches: Error[] = [];
  const log = memoryLog();
  const started = startAnnouncer({
    reporter: {
      async announce(node) {
        told.push(node);
        answer(told.length);
      },
    },
    describe: () => worker,
    everyMs: 1,
    log,
    onRefused: (error) => mismatches.push(error),
    ...options,
  });
  return { started, told, mismatches, log };
}

it("announces a worker again and again, and that it is gone", async () => {
  let busy = 0;
  const { started, told } = announcer(undefined, { describe: () => ({ ...worker, busy: busy++ }) });
  const running = await started;
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(3), patience);
  await running[Symbol.asyncDispose]();
  expect(told.slice(0, 3).map(({ busy, state }) => [busy, state])).toEqual([
    [0, "working"],
    [1, "working"],
    [2, "working"],
  ]);
  expect(told.at(-1)?.state).toBe("gone");
});

it("rejects when the first announcement fails", async () => {
  const { started, told } = announcer(() => {
    throw new Error("refused");
  });
  await expect(started).rejects.toThrow("refused");
  expect(told).toHaveLength(1);
});

it("goes on after one that failed, and logs it", async () => {
  const { started, told, log } = announcer((count) => {
    if (count === 2) throw new Error("away");
  });
  await using _ = await started;
  await vi.waitFor(() => expect(told.length).toBeGreaterThan(3), patience);
  expect(log.lines).toEqual([{ level: "warn", message: "not announced", error: "away" }]);
});

it("tells at once when it is asked to", async () => {
  const { started, told } = announcer(undefined, { everyMs: 3_600_000 });
  await using running = await started;
  running.now();
  await vi.waitFor(() => expect(told).toHaveLength(2), patience);
});

it("says when the coordinator became one that does not understand it", async () => {
  const { started, mismatches } = announcer((count) => {
    if (count > 1) throw new ProtocolMismatch("host:1", "upgrade the caller");
  });
  await using _ = await started;
  await vi.waitFor(() => expect(mismatches.length).toBeGreaterThan(0), patience);
});

it("says when its token is refused for good, and not when it is refused for a moment", async () => {
  const refusing = (refused: (count: number) => boolean) =>
    announcer((count) => {
      if (refused(count)) throw new Unauthenticated("host:1", "a wrong token, or none");
    });
  const forGood = refusing((count) => count > 1);
  const forAMoment = refusing((count) => count % 6 !== 1);
  await using _ = await forGood.started;
  await using __ = await forAMoment.started;
  await vi.waitFor(() => expect(forGood.mismatches.length).toBeGreaterThan(0), patience);
  expect(forGood.told.length).toBeGreaterThanOrEqual(7);
  await vi.waitFor(() => expect(forAMoment.told.length).toBeGreaterThan(20), patience);
  expect(forAMoment.mismatches).toEqual([]);
});

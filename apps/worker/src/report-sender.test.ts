import { type AttemptReport, createMemoryResultStore, type ResultStore, type TrialReporter } from "@stride/experiment";
import { sampleStudy } from "@stride/experiment/contracts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Gate, gate } from "../test/gate.js";
import { sampleTraining } from "../test/trainers.js";
import { createReportSender, type ReportSenderOptions } from "./report-sender.js";

const heartbeatMs = 1_000;
const study = sampleStudy({ name: "sender" });
const [cohort] = study.cohorts as [(typeof study.cohorts)[number]];
/** Two trials: twenty points a report of ten steps. */
const steps = (from: number, to: number) => sampleTraining(cohort, { from, to });
const unreachable = new Error("cannot reach the coordinator");

let store: ResultStore;
beforeEach(async () => {
  vi.useFakeTimers();
  store = createMemoryResultStore();
  await store.submitStudy(study);
});
afterEach(() => vi.useRealTimers());

/** A sender for a fresh attempt; `before` runs before each report call reaches the store. */
async function open(options: Partial<ReportSenderOptions> = {}, before: (call: number) => unknown = () => undefined) {
  const start = await store.startAttempt({ cohortId: cohort.cohortId, workerId: "worker", executor: "none" });
  if (start.kind !== "continue") throw new Error("refused");
  const calls: AttemptReport[] = [];
  const reporter: TrialReporter = {
    ...store,
    async report(report) {
      calls.push(report);
      await before(calls.length);
      return store.report(report);
    },
  };
  let stops = 0;
  const key = { cohortId: cohort.cohortId, token: start.token };
  const sender = createReportSender({ reporter, key, heartbeatMs, onStop: () => (stops += 1), ...options });
  return { ...sender, key, calls, stops: () => stops };
}

const beats = (count: number) => vi.advanceTimersByTimeAsync(count * heartbeatMs);

async function isSettled(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void work.finally(() => {
    settled = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return settled;
}

describe("a report sender", () => {
  it("sends an empty batch every heartbeat while there is nothing to tell", async () => {
    const sender = await open();
    await beats(3);
    expect(sender.calls).toEqual(Array(3).fill({ ...sender.key, step: 0, chunks: [], evaluations: [] }));
    await sender.close();
  });

  it("joins what came since the last heartbeat into one batch, in order", async () => {
    const sender = await open();
    await sender.add(steps(0, 10));
    await sender.add(steps(10, 20));
    expect(sender.calls).toHaveLength(0);
    await beats(1);
    const [first, second] = [steps(0, 10), steps(10, 20)];
    expect(sender.calls).toEqual([
      {
        ...sender.key,
        step: 20,
        chunks: [...first.chunks, ...second.chunks],
        evaluations: [...first.evaluations, ...second.evaluations],
      },
    ]);
    await sender.close();
  });

  it("makes one call at a time, and the next one carries all that gathered meanwhile", async () => {
    const answer = gate();
    const sender = await open({}, (call) => call === 1 && answer.opened);
    await beats(1);
    for (const from of [0, 10, 20]) await sender.add(steps(from, from + 10));
    await beats(5);
    expect(sender.calls).toHaveLength(1);
    answer.open();
    await beats(1);
    expect(sender.calls.map((call) => [call.step, call.chunks.length])).toEqual([
      [0, 0],
      [30, 6],
    ]);
    await sender.close();
  });

  it("sends the rest when it is closed, and no heartbeat afterwards", async () => {
    const sender = await open();
    await sender.add(steps(0, 10));
    expect(await sender.close()).toEqual({ kind: "continue" });
    await beats(5);
    expect(sender.calls.map(({ step }) => step)).toEqual([10]);
  });

  it("on closing waits for the call in progress before it sends the rest", async () => {
    const answer = gate();
    const sender = await open({}, (call) => call === 1 && answer.opened);
    await beats(1);
    await sender.add(steps(0, 10));
    const closing = sender.close();
    expect(await isSettled(closing)).toBe(false);
    expect(sender.calls).toHaveLength(1);
    answer.open();
    await closing;
    expect(sender.calls.map(({ step }) => step)).toEqual([0, 10]);
  });

  it.each(["cancelled", "paused"] as const)(
    "asks once to stop when the study is %s, and closes with it",
    async (state) => {
      const sender = await open();
      await store.setStudyState("sender", state);
      await sender.add(steps(0, 10));
      await beats(3);
      await sender.add(steps(10, 20));
      expect(await sender.close()).toEqual({ kind: "stop", reason: state });
      expect(sender.stops()).toBe(1);
      expect(sender.calls).toHaveLength(1);
    },
  );

  it("asks once to stop when a newer attempt took over, and closes with it", async () => {
    const sender = await open();
    await open();
    await beats(3);
    expect(await sender.close()).toEqual({ kind: "superseded" });
    expect(sender.stops()).toBe(1);
  });

  it("asks once to stop when sending fails for good, and rejects when it is closed", async () => {
    const sender = await open({}, () => Promise.reject(unreachable));
    await beats(3);
    await sender.add(steps(0, 10));
    expect([sender.stops(), sender.calls.length]).toEqual([1, 1]);
    await expect(sender.close()).rejects.toBe(unreachable);
  });

  it("rejects when the last batch cannot be sent", async () => {
    const sender = await open({}, () => Promise.reject(unreachable));
    await sender.add(steps(0, 10));
    await expect(sender.close()).rejects.toBe(unreachable);
  });

  describe("with more points unsent than may be held", () => {
    const pointsHeld = 30;
    async function overfull(first: Gate, second: Gate) {
      const sender = await open({ pointsHeld }, (call) => (call === 1 ? first.opened : second.opened));
      await beats(1);
      await sender.add(steps(0, 10));
      return { ...sender, adding: sender.add(steps(10, 20)) };
    }

    it("holds the training up until they are on their way and answered", async () => {
      const [first, second] = [gate(), gate()];
      const { adding, calls, close } = await overfull(first, second);
      expect(await isSettled(adding)).toBe(false);
      first.open();
      expect(await isSettled(adding)).toBe(false);
      expect(calls.map(({ step }) => step)).toEqual([0, 20]);
      second.open();
      await adding;
      await close();
    });

    it("lets the training go on when it is told to stop meanwhile", async () => {
      const first = gate();
      const { adding, stops, close } = await overfull(first, gate());
      await store.setStudyState("sender", "cancelled");
      first.open();
      await adding;
      expect(stops()).toBe(1);
      expect(await close()).toEqual({ kind: "stop", reason: "cancelled" });
    });
  });
});

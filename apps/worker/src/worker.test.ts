import { createMemoryResultStore, createMemoryTrialQueue, type TrialQueue } from "@stride/experiment";
import { type AgentResultStore, sampleStudy } from "@stride/experiment/contracts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { gate } from "../test/gate.js";
import { memoryLog } from "../test/memory-log.js";
import { inFourReports, type MemoryTrainer, memoryTrainer, type Reports, untilStopped } from "../test/trainers.js";
import { TrainingFailed } from "./trainer.js";
import { runWorker, type WorkerActivity, type WorkerOptions } from "./worker.js";

const study = sampleStudy({ name: "plan", cohorts: 5 });
const ids = study.cohorts.map(({ cohortId }) => cohortId);

let store: AgentResultStore;
let queue: TrialQueue;
beforeEach(async () => {
  store = createMemoryResultStore();
  queue = createMemoryTrialQueue({ retryPauseMs: 1 });
  await store.submitStudy(study);
  await queue.add(study.cohorts);
});
/** Has every worker of a test go, also after a failure: the queue waits for them. */
let leaves: (() => void)[] = [];
afterEach(async () => {
  for (const leave of leaves) leave();
  leaves = [];
  await queue[Symbol.asyncDispose]();
});

/** How long a loaded machine may take; no test depends on it. */
const patience = { timeout: 30_000 };

/** A worker that runs until `leave`; `reports` is how its trainers train. */
function start({ reports = inFourReports, ...options }: Partial<WorkerOptions> & { reports?: Reports } = {}) {
  const leaving = new AbortController();
  leaves.push(() => leaving.abort());
  const trainers: MemoryTrainer[] = [];
  const log = memoryLog();
  const done = runWorker({
    queue,
    reporter: store,
    createTrainer() {
      const trainer = memoryTrainer(reports);
      trainers.push(trainer);
      return trainer;
    },
    workerId: "worker",
    executor: "none",
    slots: 2,
    heartbeatMs: 1,
    leaveGraceMs: 3_600_000,
    log,
    signal: leaving.signal,
    ...options,
  });
  const leave = async () => {
    leaving.abort();
    await done;
    expect(trainers.map(({ training, disposed }) => ({ training, disposed }))).toEqual(
      trainers.map(() => ({ training: 0, disposed: true })),
    );
  };
  return { trainers, log, leave };
}

const settled = () => vi.waitFor(async () => expect((await queue.present(ids)).size).toBe(0), patience);
const outcomes = async () => (await store.trials("plan")).map(({ outcome }) => outcome);
const all = (outcome: string) => Array(10).fill(outcome);

describe("a worker", () => {
  it("trains every cohort of a plan, each once", async () => {
    const { trainers, leave } = start();
    await settled();
    await leave();
    expect(await outcomes()).toEqual(all("completed"));
    expect(trainers.reduce((sum, { started }) => sum + started, 0)).toBe(ids.length);
  });

  it("trains as many cohorts at once as it has slots, with one trainer each", async () => {
    const together = gate();
    let training = 0;
    const { trainers, leave } = start({
      async *reports(cohort, signal) {
        training += 1;
        if (training === 2) together.open();
        await together.opened;
        yield* inFourReports(cohort, signal);
      },
    });
    await settled();
    await leave();
    expect(trainers).toHaveLength(2);
  });

  it("has a cohort delivered again whose training failed", async () => {
    const failed = new Set<string>();
    const { log, leave } = start({
      async *reports(cohort, signal) {
        if (failed.has(cohort.cohortId)) return yield* inFourReports(cohort, signal);
        failed.add(cohort.cohortId);
        throw new TrainingFailed("the task cannot be made");
      },
    });
    await settled();
    await leave();
    expect(await outcomes()).toEqual(all("completed"));
    expect((await store.trials("plan")).map(({ attempts }) => attempts)).toEqual(Array(10).fill(2));
    const again = { level: "warn", cohort: ids[0], attempt: 1, kind: "redeliver", because: "the task cannot be made" };
    expect(log.lines).toContainEqual(expect.objectContaining(again));
    expect(log.lines).toContainEqual(expect.objectContaining({ cohort: ids[0], attempt: 2, kind: "finished" }));
  });

  it("has a cohort delivered again that could not be reported", async () => {
    const lost = new Set<string>();
    const { leave } = start({
      reporter: {
        ...store,
        async finishAttempt(request) {
          if (lost.has(request.cohortId)) return store.finishAttempt(request);
          lost.add(request.cohortId);
          throw new Error("cannot reach the coordinator");
        },
      },
    });
    await settled();
    await leave();
    expect(await outcomes()).toEqual(all("completed"));
  });

  it("takes no cohort again that is cancelled", async () => {
    await store.setStudyState("plan", "cancelled");
    const { trainers, leave } = start();
    await settled();
    await leave();
    expect(trainers.reduce((sum, { started }) => sum + started, 0)).toBe(0);
    expect(await outcomes()).toEqual(all("cancelled"));
  });
});

describe("a worker that leaves", () => {
  const inHand = ({ trainers }: { trainers: readonly MemoryTrainer[] }) =>
    vi.waitFor(() => expect(trainers.map(({ training }) => training)).toEqual([1, 1]), patience);

  it("hands back what it has, and another finishes the plan", async () => {
    const first = start({ reports: untilStopped });
    await inHand(first);
    await first.leave();
    expect((await queue.present(ids)).size).toBe(ids.length);
    const second = start();
    await settled();
    await second.leave();
    expect(await outcomes()).toEqual(all("completed"));
  });

  it("does not wait for ever for a coordinator that does not answer", async () => {
    const answer = gate();
    const abandonAttempt = () => answer.opened.then(() => Promise.reject(new Error("the client was closed")));
    const first = start({ reports: untilStopped, leaveGraceMs: 1, reporter: { ...store, abandonAttempt } });
    await inHand(first);
    await first.leave();
    answer.open();
    const second = start();
    await settled();
    await second.leave();
    expect(await outcomes()).toEqual(all("completed"));
  });

  it("does not warn of listeners, however many slots it has", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const many = sampleStudy({ name: "many", cohorts: 20 });
    await store.submitStudy(many);
    await queue.add(many.cohorts);
    const { trainers, leave } = start({ slots: 25, reports: untilStopped });
    await vi.waitFor(() => expect(trainers.filter(({ training }) => training === 1)).toHaveLength(25), patience);
    await leave();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

describe("a worker that drains", () => {
  it("takes nothing new, ends what it has, and hands nothing back", async () => {
    const held = gate();
    async function* waiting(...given: Parameters<Reports>): ReturnType<Reports> {
      await held.opened;
      yield* inFourReports(...given);
    }
    const activity: WorkerActivity = { busy: 0, state: "working" };
    const { log, trainers, leave } = start({ reports: waiting, drainMs: 3_600_000, activity });
    await vi.waitFor(() => expect(activity.busy).toBe(2), patience);
    const left = leave();
    await vi.waitFor(() => expect(activity.state).toBe("draining"), patience);
    held.open();
    await left;
    expect((await outcomes()).filter((outcome) => outcome === "completed")).toHaveLength(4);
    expect(trainers.reduce((sum, { started }) => sum + started, 0)).toBe(2);
    expect(log.lines).toContainEqual({ level: "info", message: "worker draining", busy: 2, drainMs: 3_600_000 });
    expect(activity.busy).toBe(0);
  });

  it("hands back what is not done in time", async () => {
    const { leave } = start({ reports: untilStopped, drainMs: 1 });
    await vi.waitFor(
      async () => expect((await outcomes()).filter((outcome) => outcome === "running")).toHaveLength(4),
      patience,
    );
    await leave();
    expect(await outcomes()).toEqual(all("planned"));
  });

  it("hands back at once when it is told to hurry", async () => {
    const hurry = new AbortController();
    const { log, leave } = start({ reports: untilStopped, drainMs: 3_600_000, hurry: hurry.signal });
    await vi.waitFor(
      async () => expect((await outcomes()).filter((outcome) => outcome === "running")).toHaveLength(4),
      patience,
    );
    const left = leave();
    const draining = expect.objectContaining({ message: "worker draining" });
    await vi.waitFor(() => expect(log.lines).toContainEqual(draining), patience);
    hurry.abort();
    await left;
    expect(await outcomes()).toEqual(all("planned"));
  });
});

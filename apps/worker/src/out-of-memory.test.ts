import { type Cohort, createMemoryResultStore, createMemoryTrialQueue, maxAttempts } from "@stride/experiment";
import { sampleStudy } from "@stride/experiment/contracts";
import { expect, it, vi } from "vitest";
import { scriptedChild } from "../test/children.js";
import { gate } from "../test/gate.js";
import { memoryLog } from "../test/memory-log.js";
import { inFourReports, memoryTrainer, type Reports, sampleTraining } from "../test/trainers.js";
import { type Admission, createAdmission } from "./admission.js";
import { createChildTrainer, type Trainer, TrainingFailed } from "./trainer.js";
import { runWorker, type WorkerOptions } from "./worker.js";

const patience = { timeout: 30_000 };
const exhausted = "Failed to allocate memory for requested buffer of size 1073741824";

async function* failing(cohort: Cohort): ReturnType<Reports> {
  yield sampleTraining(cohort, { from: 0, to: 10 });
  throw new TrainingFailed(exhausted);
}

/** A plan, and a worker on it that leaves when disposed. */
async function plan({ cohorts, ...options }: { cohorts: number } & Partial<WorkerOptions> & { reports?: Reports }) {
  const study = sampleStudy({ name: "plan", cohorts });
  const ids = study.cohorts.map(({ cohortId }) => cohortId);
  const store = createMemoryResultStore();
  const queue = createMemoryTrialQueue({ retryPauseMs: 1 });
  await store.submitStudy(study);
  await queue.add(study.cohorts);
  const abandoned: string[] = [];
  const leaving = new AbortController();
  const log = memoryLog();
  const { reports = inFourReports } = options;
  const slots = options.slots ?? 4;
  const admission: Admission = options.admission ?? createAdmission({ slots });
  const done = runWorker({
    queue,
    reporter: {
      ...store,
      abandonAttempt(request) {
        abandoned.push(request.end);
        return store.abandonAttempt(request);
      },
    },
    createTrainer: () => memoryTrainer(reports),
    workerId: "worker",
    executor: "none",
    heartbeatMs: 1,
    leaveGraceMs: 3_600_000,
    log,
    signal: leaving.signal,
    ...options,
    slots,
    admission,
  });
  return {
    admission,
    log,
    abandoned,
    settled: () => vi.waitFor(async () => expect((await queue.present(ids)).size).toBe(0), patience),
    outcomes: async () => new Set((await store.trials("plan")).map(({ outcome }) => outcome)),
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await done;
      await queue[Symbol.asyncDispose]();
    },
  };
}

it("hands back what found too little memory beside others, trains fewer at a time, and finishes the plan", async () => {
  let training = 0;
  const full = gate();
  /** A device that holds two. */
  const reports: Reports = async function* (cohort, signal) {
    training += 1;
    if (training === 4) full.open();
    try {
      await full.opened;
      if (training > 2) throw new TrainingFailed(exhausted);
      yield* inFourReports(cohort, signal);
    } finally {
      training -= 1;
    }
  };
  await using worker = await plan({ cohorts: 12, reports });
  await worker.settled();
  expect(await worker.outcomes()).toEqual(new Set(["completed"]));
  expect(worker.abandoned.length).toBeGreaterThan(0);
  expect(new Set(worker.abandoned)).toEqual(new Set(["handed-back"]));
  expect(worker.admission.limit).toBe(2);
  expect(worker.log.lines).toContainEqual({
    level: "warn",
    message: "out of memory: fewer at a time from now on",
    before: 4,
    concurrency: 2,
    error: exhausted,
  });
});

it("fails what finds too little memory alone, and says what to do", async () => {
  await using worker = await plan({ cohorts: 1, slots: 4, reports: failing });
  await worker.settled();
  expect(await worker.outcomes()).toEqual(new Set(["failed"]));
  expect(worker.abandoned).toEqual(Array(maxAttempts).fill("failed"));
  expect(worker.log.lines).toContainEqual(
    expect.objectContaining({ kind: "redeliver", because: expect.stringContaining("Use a smaller batch") }),
  );
  expect(worker.admission.limit).toBe(4);
});

it("holds to the budget, opens no attempt for what waits, and keeps no more than one waiting", async () => {
  const budget = 100;
  const [together, go] = [gate(), gate()];
  let [training, most] = [0, 0];
  const reports: Reports = async function* (cohort, signal) {
    training += 1;
    most = Math.max(most, training);
    if (training === 2) together.open();
    await go.opened;
    yield* inFourReports(cohort, signal);
    training -= 1;
  };
  const admission = createAdmission({ slots: 4, budget });
  await using worker = await plan({ cohorts: 9, reports, admission, memoryOf: () => 40 });
  await together.opened;
  await vi.waitFor(() => expect(admission).toMatchObject({ running: 2, waiting: 1, wanted: 3 }), patience);
  expect(worker.log.lines.filter((line) => "message" in line && line.message === "attempt started")).toHaveLength(2);
  go.open();
  await worker.settled();
  expect(await worker.outcomes()).toEqual(new Set(["completed"]));
  expect(most).toBe(2);
});

it("lets trainers go that are too many for what is let in now", async () => {
  const living = new Set<object>();
  const full = gate();
  let training = 0;
  const createTrainer = (): Trainer => {
    const trainer = memoryTrainer(async function* (cohort, signal) {
      training += 1;
      if (training === 4) full.open();
      await full.opened;
      if (cohort.cohortId.endsWith("-0") && training === 4) throw new TrainingFailed(exhausted);
      yield* inFourReports(cohort, signal);
    });
    living.add(trainer);
    return {
      messages: trainer.messages,
      async [Symbol.asyncDispose]() {
        living.delete(trainer);
      },
    };
  };
  await using worker = await plan({ cohorts: 8, createTrainer });
  await worker.settled();
  expect(worker.admission.limit).toBe(2);
  expect(living.size).toBeLessThanOrEqual(2);
});

it("takes a child that the kernel killed for want of memory for what it is, and no other", async () => {
  let kills: number | undefined = 7;
  await using trainer = createChildTrainer({
    executor: "tfjs-cpu",
    threads: 1,
    script: scriptedChild,
    oomKills: () => kills,
  });
  const killed = async (after: number | undefined) => {
    kills = 7;
    const cohort = { cohortId: "c", studyName: "trains until it is stopped", trials: [] };
    const messages = trainer.messages({ kind: "train", cohort }, new AbortController().signal);
    const { value } = await messages.next();
    kills = after;
    if (value?.kind === "report") process.kill(value.report.step, "SIGKILL");
    await messages.next();
  };
  await expect(killed(8)).rejects.toThrow("the training process ended (SIGKILL, when the machine was out of memory)");
  await expect(killed(7)).rejects.toEqual(new TrainingFailed("the training process ended (SIGKILL)"));
  await expect(killed(undefined)).rejects.toEqual(new TrainingFailed("the training process ended (SIGKILL)"));
});

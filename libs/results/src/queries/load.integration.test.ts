import type { Cohort } from "@stride/experiment";
import { sampleResults, sampleStudy } from "@stride/experiment/contracts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { granted } from "../../test/attempts.js";
import { type TestDatabase, testDatabase } from "../../test/test-database.js";
import type { PostgresResultStore } from "../store.js";

let database: TestDatabase;
let store: PostgresResultStore;
beforeAll(async () => {
  database = await testDatabase();
  store = await database.open({ maxAttempts: 2 });
});
beforeEach(async () => {
  await database.query("truncate stride.studies, stride.workers cascade");
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const leaseMs = 60_000;
const load = (studies = 10) => store.monitor.load({ leaseMs, studies });
const none = { planned: 0, running: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 };

async function submit(name: string): Promise<Cohort> {
  const study = sampleStudy({ name });
  await store.submitStudy(study);
  return study.cohorts[0] as Cohort;
}
/** Moves a moment of the whole table into the past. */
const age = (table: string, column: string, seconds: number) =>
  database.query(`update stride.${table} set ${column} = clock_timestamp() - ${seconds} * interval '1 second'`);

it("is nothing of an empty database", async () => {
  expect(await load()).toEqual({
    studies: [],
    unfinishedCohorts: 0,
    waitingCohorts: 0,
    oldestWaitingSeconds: 0,
    reportAgeSeconds: 0,
    workers: [],
    attempts: { finished: 0, failed: 0, "handed-back": 0, interrupted: 0, superseded: 0 },
    divergedTrials: 0,
  });
});

it("counts trials, cohorts, attempts and workers as they stand", async () => {
  const [first, second, third] = [await submit("one"), await submit("two"), await submit("three")];
  const key = await granted(store, first);
  const results = sampleResults(first).map((result, place) =>
    place === 0 ? { ...result, outcome: { kind: "diverged" as const, step: 3 } } : result,
  );
  await store.finishAttempt({ ...key, results });
  await granted(store, second);
  const failed = await granted(store, third);
  await store.abandonAttempt({ ...failed, end: "failed", message: "" });
  const handedBack = await granted(store, third);
  await store.abandonAttempt({ ...handedBack, end: "handed-back", message: "" });

  const found = await load();
  expect(found.studies).toEqual([
    { ...none, study: "three", planned: 2 },
    { ...none, study: "two", running: 2 },
    { ...none, study: "one", completed: 1, diverged: 1 },
  ]);
  expect(found).toMatchObject({ unfinishedCohorts: 2, waitingCohorts: 1, divergedTrials: 1 });
  expect(found.attempts).toEqual({ finished: 1, failed: 1, "handed-back": 1, interrupted: 0, superseded: 0 });
});

it("tells of the unfinished studies before the newest, and of no more than it is asked for", async () => {
  const cohorts = [await submit("old"), await submit("done"), await submit("newest")];
  for (const cohort of cohorts.slice(1)) {
    await store.finishAttempt({ ...(await granted(store, cohort)), results: sampleResults(cohort) });
  }
  expect((await load(2)).studies.map(({ study }) => study)).toEqual(["old", "newest"]);
});

it("counts a cohort as waiting again once its worker has been silent for a lease, from its last report on", async () => {
  await granted(store, await submit("silent"));
  await age("attempts", "last_seen_at", 50);
  expect(await load()).toMatchObject({ waitingCohorts: 0, oldestWaitingSeconds: 0 });
  await age("attempts", "last_seen_at", 100);
  await age("cohorts", "waiting_since", 5_000);
  await age("studies", "resumed_at", 5_000);
  const found = await load();
  expect(found).toMatchObject({ unfinishedCohorts: 1, waitingCohorts: 1 });
  for (const seconds of [found.oldestWaitingSeconds, found.reportAgeSeconds]) {
    expect(seconds).toBeGreaterThanOrEqual(100);
    expect(seconds).toBeLessThan(1_000);
  }
});

it("does not count a paused study as work, nor the pause as waiting", async () => {
  await submit("paused");
  await age("cohorts", "waiting_since", 5_000);
  await age("studies", "resumed_at", 5_000);
  expect((await load()).oldestWaitingSeconds).toBeGreaterThanOrEqual(5_000);
  await store.setStudyState("paused", "paused");
  expect(await load()).toMatchObject({ unfinishedCohorts: 0, waitingCohorts: 0, oldestWaitingSeconds: 0 });
  await store.setStudyState("paused", "running");
  const resumed = await load();
  expect(resumed.waitingCohorts).toBe(1);
  expect(resumed.oldestWaitingSeconds).toBeLessThan(4_000);
});

it("waits anew when an attempt was handed back, and when failures are retried", async () => {
  const cohort = await submit("again");
  const waitsAnew = async () => {
    const { oldestWaitingSeconds } = await load();
    expect(oldestWaitingSeconds).toBeLessThan(4_000);
    await age("cohorts", "waiting_since", 5_000);
  };
  await age("studies", "resumed_at", 5_000);
  await age("cohorts", "waiting_since", 5_000);
  await store.abandonAttempt({ ...(await granted(store, cohort)), end: "handed-back", message: "" });
  await waitsAnew();
  for (const _ of [1, 2]) {
    await store.abandonAttempt({ ...(await granted(store, cohort)), end: "failed", message: "" });
  }
  expect((await load()).unfinishedCohorts).toBe(0);
  await store.retryFailed("again");
  await waitsAnew();
});

it("tells workers apart by what they last said, and when", async () => {
  const worker = {
    executor: "onnx-cpu",
    version: "0.1.0",
    slots: 2,
    concurrency: 2,
    busy: 0,
    state: "working",
    devices: [],
  } as const;
  await store.announce({ ...worker, workerId: "lost" });
  await age("workers", "last_seen_at", 60);
  await store.announce({ ...worker, workerId: "idle" });
  await store.announce({ ...worker, workerId: "busy", busy: 1 });
  await store.announce({ ...worker, workerId: "busy too", busy: 2 });
  await store.announce({ ...worker, workerId: "draining", busy: 1, state: "draining" });
  await store.announce({ ...worker, workerId: "gone", state: "gone" });
  expect((await load()).workers).toEqual([
    { executor: "onnx-cpu", state: "busy", workers: 2 },
    { executor: "onnx-cpu", state: "draining", workers: 1 },
    { executor: "onnx-cpu", state: "idle", workers: 1 },
    { executor: "onnx-cpu", state: "lost", workers: 1 },
  ]);
  await age("workers", "last_seen_at", 3_600);
  expect((await load()).workers).toEqual([]);
});

it("lists who works on what, the running cohorts first", async () => {
  const [waiting, running] = [await submit("waiting"), await submit("running")];
  const key = await granted(store, running);
  await store.report({ ...key, step: 20, chunks: [], evaluations: [] });
  expect(await store.monitor.unfinishedCohorts(10)).toMatchObject([
    {
      study: "running",
      cohortId: running.cohortId,
      kind: "trials",
      token: 1,
      attempt: { workerId: "worker", step: 20 },
    },
    { study: "waiting", cohortId: waiting.cohortId, trials: 2, steps: 40, token: 0, attempt: null },
  ]);
  expect(await store.monitor.unfinishedCohorts(1)).toHaveLength(1);
});

it("remembers the trace of the submission that brought new work, and of no other", async () => {
  const study = sampleStudy({ name: "traced" });
  await store.submitStudy(sampleStudy({ name: "untraced" }));
  await store.submitStudy({ ...study, traceParent: "00-a" });
  await store.submitStudy({ ...study, traceParent: "00-b" });
  expect(await store.monitor.traceParents(["traced", "untraced", "unknown"])).toEqual(new Map([["traced", "00-a"]]));
  await store.submitStudy({ ...sampleStudy({ name: "traced", cohorts: 2 }), traceParent: "00-c" });
  expect(await store.monitor.traceParents(["traced"])).toEqual(new Map([["traced", "00-c"]]));
});

it("answers a ping, and knows the database's size and migrations", async () => {
  await store.monitor.ping();
  const facts = await store.monitor.databaseFacts();
  expect(facts.bytes).toBeGreaterThan(1_000_000);
  expect(facts.migrations).toBeGreaterThanOrEqual(8);
  expect(facts.newestMigration.getTime()).toBeGreaterThan(Date.parse("2026-11-01"));
  expect(Object.keys(facts.rows)).toContain("trials");
});

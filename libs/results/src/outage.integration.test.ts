import { sampleResults, sampleStudy } from "@stride/experiment/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { granted, reports, submitted } from "../test/attempts.js";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import { DatabaseUnreachable, type PostgresResultStore } from "./index.js";

describe("when its connection is killed", () => {
  let database: TestDatabase;
  let store: PostgresResultStore;
  let name = "";
  let studies = 0;
  beforeAll(async () => {
    database = await testDatabase();
  });
  beforeEach(async () => {
    name = `outage-${++studies}`;
    store = await database.open({ maxAttempts: 1_000, connections: 1 });
    return () => store[Symbol.asyncDispose]();
  });
  afterAll(() => database[Symbol.asyncDispose]());

  /** Starts a call, kills its connection while it waits for the lock on a table, and gives back what it came to. */
  async function killedAt<Result>(table: string, call: () => Promise<Result>): Promise<unknown> {
    const holder = await database.connect();
    await holder.query(`begin; lock table stride.${table} in exclusive mode`);
    const ending = call().catch((error: unknown) => error);
    await database.blocked();
    await database.kill("blocked");
    const result = await ending;
    await holder.query("rollback");
    await holder.end();
    return result;
  }

  it("a finish that was not answered recorded nothing, and can be repeated", async () => {
    const cohort = await submitted(store, name);
    const finish = { ...(await granted(store, cohort)), results: sampleResults(cohort) };
    expect(await killedAt("trials", () => store.finishAttempt(finish))).toBeInstanceOf(DatabaseUnreachable);
    expect((await store.study(name))?.trials).toMatchObject({ running: 2, completed: 0 });
    expect(await store.finishAttempt(finish)).toEqual({ kind: "continue" });
    expect((await store.study(name))?.trials).toMatchObject({ running: 0, completed: 2 });
  });

  it("a report that was not answered recorded nothing, and can be repeated", async () => {
    const cohort = await submitted(store, name);
    const [report] = reports(cohort, await granted(store, cohort));
    if (report === undefined) throw new Error("there is no report");
    const lengths = async () => (await store.curves(name, {})).map(({ trainingLosses }) => trainingLosses.length);
    expect(await killedAt("evaluations", () => store.report(report))).toBeInstanceOf(DatabaseUnreachable);
    expect(await lengths()).toEqual([0, 0]);
    expect((await store.study(name))?.stepsDone).toBe(0);
    expect(await store.report(report)).toEqual({ kind: "continue" });
    expect(await lengths()).toEqual([10, 10]);
  });

  it("a submission that was not answered stored nothing, and can be repeated", async () => {
    const study = sampleStudy({ name });
    expect(await killedAt("trials", () => store.submitStudy(study))).toBeInstanceOf(DatabaseUnreachable);
    expect(await store.study(name)).toBeUndefined();
    expect(await store.submitStudy(study)).toEqual({ added: 2, existing: 0 });
  });

  it("a call that waited for the connection gets another one", async () => {
    const waiting: Promise<unknown>[] = [];
    const cohort = await submitted(store, name);
    const finish = { ...(await granted(store, cohort)), results: sampleResults(cohort) };
    const killed = await killedAt("trials", () => {
      const first = store.finishAttempt(finish);
      waiting.push(store.study(name), store.undelivered({ leaseMs: 60_000, limit: 1 }), store.finishAttempt(finish));
      return first;
    });
    expect(killed).toBeInstanceOf(DatabaseUnreachable);
    expect((await Promise.all(waiting)).at(-1)).toEqual({ kind: "continue" });
  });

  it("an idle connection is replaced", async () => {
    await store.studies();
    await database.kill();
    await vi.waitFor(() => store.studies(), { timeout: 20_000 });
    expect(await store.study(name)).toBeUndefined();
  });

  it("nothing that was answered is lost, and nothing is recorded twice, whenever it happens", async () => {
    /** Repeats a call that is killed, as a worker does. */
    async function answered<Result>(call: () => Promise<Result>): Promise<Result> {
      for (;;) {
        const [ending] = await Promise.allSettled([call(), database.kill()]);
        if (ending.status === "fulfilled") return ending.value;
        expect(ending.reason).toBeInstanceOf(DatabaseUnreachable);
      }
    }
    const study = sampleStudy({ name, cohorts: 4 });
    await answered(() => store.submitStudy(study));
    for (const [done, cohort] of study.cohorts.entries()) {
      const key = await answered(() => granted(store, cohort));
      for (const report of reports(cohort, key)) {
        expect(await answered(() => store.report(report))).toEqual({ kind: "continue" });
        const text = `select count(*)::int as chunks from stride.curve_chunks join stride.trials using (trial_key)
          join stride.cohorts using (cohort_key) where cohort_id = $1`;
        expect(await database.query(text, [cohort.cohortId])).toEqual([{ chunks: 2 * (report.step / 10) }]);
      }
      expect(await answered(() => store.finishAttempt({ ...key, results: sampleResults(cohort) }))).toEqual({
        kind: "continue",
      });
      expect((await answered(() => store.study(name)))?.trials).toMatchObject({ completed: 2 * (done + 1) });
    }
  });
});

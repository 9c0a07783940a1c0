import type { Cohort } from "@stride/experiment";
import { sampleReport, sampleResults, sampleStudy } from "@stride/experiment/contracts";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";
import { DatabaseTooOld, openResultStore } from "./index.js";

describe("stride_reader", () => {
  let database: TestDatabase;
  let reader: pg.Client;
  beforeAll(async () => {
    database = await testDatabase();
    await using store = await database.open();
    await store.submitStudy(sampleStudy({ name: "read" }));
    reader = await database.connect();
    await reader.query("set role stride_reader");
  });
  afterAll(async () => {
    await reader.end();
    await database[Symbol.asyncDispose]();
  });

  it.each(["trial_results", "learning_curves", "tuned_rates", "pairwise_outcomes", "win_rates"])(
    "may select %s",
    async (view) => {
      const { rows } = await reader.query(`select count(*)::int as count from stride.${view} where study = 'read'`);
      expect(rows[0].count).toBeGreaterThanOrEqual(view === "learning_curves" || view === "tuned_rates" ? 0 : 2);
    },
  );

  it.each([
    "insert into stride.workers values ('w', 'e', now(), now())",
    "update stride.studies set state = 'cancelled'",
    "update stride.trial_results set seed = 1",
    "delete from stride.trials",
    "truncate stride.evaluations",
    "drop view stride.win_rates",
    "drop table stride.curve_chunks",
    "create table stride.mine (value int)",
    "alter table stride.studies add column mine int",
    "select setval('stride.studies_study_key_seq', 1)",
  ])("may not %s", async (statement) => {
    await expect(reader.query(statement)).rejects.toThrow(/permission denied|must be owner|cannot update view/);
  });

  it("may select what a later migration adds", async () => {
    await database.query("create view stride.later as select 1 as one");
    expect((await reader.query("select one from stride.later")).rows).toEqual([{ one: 1 }]);
  });
});

describe("stride_coordinator", () => {
  it("is enough for a coordinator, which then changes no table", async () => {
    await using database = await testDatabase();
    await (await database.open())[Symbol.asyncDispose]();
    const role = `stride_visitor_${new URL(database.url).pathname.slice(1)}`;
    await database.query(`create role ${role} login password 'visitor' in role stride_coordinator`);
    try {
      const url = Object.assign(new URL(database.url), { username: role, password: "visitor" }).href;
      await using store = await openResultStore({ url, migrate: false });
      const study = sampleStudy({ name: "written", cohorts: 2 });
      await store.submitStudy(study);
      const [cohort, other] = study.cohorts as [Cohort, Cohort];
      for (const { cohortId } of [cohort, cohort, other]) {
        const answer = await store.startAttempt({ cohortId, workerId: "worker", executor: "onnx-cpu" });
        if (answer.kind !== "continue") throw new Error(answer.kind);
        const key = { cohortId, token: answer.token };
        const whole = cohortId === cohort.cohortId ? cohort : other;
        expect(await store.report(sampleReport(whole, { ...key, from: 0, to: 40 }))).toEqual({ kind: "continue" });
        if (answer.token === 2) await store.finishAttempt({ ...key, results: sampleResults(cohort) });
      }
      await store.setStudyState("written", "cancelled");
      expect(await store.study("written")).toMatchObject({ trials: { completed: 2, cancelled: 2 } });
      // A command of the same user migrates nothing where there is nothing to migrate.
      await (await openResultStore({ url }))[Symbol.asyncDispose]();
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (const statement of [
        "create table stride.mine (value int)",
        "drop table stride.evaluations",
        "truncate stride.trials",
        "alter table stride.studies add column mine int",
        "insert into stride.migrations (hash, created_at) values ('', 1)",
        "delete from stride.migrations",
        "create schema mine",
      ]) {
        await expect(client.query(statement), statement).rejects.toThrow(/permission denied|must be owner/);
      }
      await client.end();
    } finally {
      await database.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

describe("stride_worker", () => {
  it("sees nothing of the results", async () => {
    await using database = await testDatabase();
    await (await database.open())[Symbol.asyncDispose]();
    const worker = await database.connect();
    await worker.query("set role stride_worker");
    await expect(worker.query("select from stride.trials")).rejects.toThrow("permission denied");
    await worker.end();
  });
});

describe("a database that is not to be migrated", () => {
  it("is refused while it is not up to date, and left alone", async () => {
    await using database = await testDatabase();
    await expect(database.open({ migrate: false })).rejects.toThrow(DatabaseTooOld);
    await expect(database.open({ migrate: false })).rejects.toThrow("run `stride db migrate` as its owner");
    expect(await database.query("select from pg_namespace where nspname = 'stride'")).toEqual([]);
    await (await database.open())[Symbol.asyncDispose]();
    await using store = await database.open({ migrate: false });
    expect(await store.studies()).toEqual([]);
  });
});

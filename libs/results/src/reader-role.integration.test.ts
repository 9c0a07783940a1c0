import { sampleStudy } from "@stride/experiment/contracts";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../test/test-database.js";

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

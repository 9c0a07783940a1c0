import { freshDatabase } from "@stride/embedded-postgres/testing";
import pg from "pg";
import { expect, it, vi } from "vitest";
import { cohort } from "../test/cohorts.js";
import { openTrialQueue } from "./index.js";

const patience = { timeout: 30_000 };

it("a user with the role stride_worker alone consumes, and neither migrates nor needs to", async () => {
  await using database = await freshDatabase();
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  const visitor = `stride_visitor_${new URL(database.url).pathname.slice(1)}`;
  await admin.query(`
    do $$ begin
      if not exists (select from pg_roles where rolname = 'stride_worker') then create role stride_worker nologin; end if;
    exception when duplicate_object or unique_violation then null;
    end $$;
    create role ${visitor} login password 'visitor' in role stride_worker`);
  try {
    const url = Object.assign(new URL(database.url), { username: visitor, password: "visitor" }).href;
    await expect(openTrialQueue({ url, migrate: false })).rejects.toThrow(/does not answer: .*not initialized/);
    await using queue = await openTrialQueue({ url: database.url });
    await queue.add([cohort("one"), cohort("two")]);
    await using worker = await openTrialQueue({ url, migrate: false });
    const taken: string[] = [];
    await using _ = await worker.consume({
      slots: 2,
      async handle({ cohortId }) {
        taken.push(cohortId);
      },
      onError: () => undefined,
    });
    await vi.waitFor(() => expect(taken.sort()).toEqual(["one", "two"]), patience);
    await vi.waitFor(async () => expect((await queue.present(["one", "two"])).size).toBe(0), patience);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const statement of ["drop table bullmq.job", "create table bullmq.mine (value int)", "create schema mine"]) {
      await expect(client.query(statement), statement).rejects.toThrow(/permission denied|must be owner/);
    }
    await client.end();
  } finally {
    await admin.query(`drop owned by ${visitor}; drop role ${visitor}`);
    await admin.end();
  }
});

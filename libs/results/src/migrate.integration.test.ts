import { readFile } from "node:fs/promises";
import type { Cohort, Trial } from "@stride/experiment";
import { sampleStudy } from "@stride/experiment/contracts";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { expect, it } from "vitest";
import { testDatabase } from "../test/test-database.js";
import { DatabaseTooNew, DatabaseUnreachable, openResultStore } from "./index.js";
import * as schema from "./schema.js";

const migrations = new URL("../migrations/meta/", import.meta.url);
const json = async (name: string) => JSON.parse(await readFile(new URL(name, migrations), "utf8"));

it("opens empty databases from many processes at once, and each migration is applied once", async () => {
  await using first = await testDatabase();
  await using second = await testDatabase();
  const stores = await Promise.all([first, second, first, second, first].map((database) => database.open()));
  for (const store of stores) expect(await store.studies()).toEqual([]);
  for (const store of stores) await store[Symbol.asyncDispose]();
  const { entries } = await json("_journal.json");
  for (const database of [first, second]) {
    const applied = await database.query("select created_at::float8 as when from stride.migrations order by id");
    expect(applied).toEqual(entries.map(({ when }: { readonly when: number }) => ({ when })));
  }
});

it("changes nothing of a database that is up to date", async () => {
  await using database = await testDatabase();
  const contents = () =>
    database.query(
      "select oid::int, relname, relacl::text from pg_class where relnamespace = 'stride'::regnamespace order by oid",
    );
  for (const name of ["first", "second"]) {
    await using store = await database.open();
    await store.submitStudy({ name, source: "", sweep: {}, cohorts: [] });
  }
  const before = await contents();
  await using store = await database.open();
  expect(await contents()).toEqual(before);
  expect((await store.studies()).map(({ name }) => name)).toEqual(["first", "second"]);
});

it("is cut off half-way without harm: DatabaseUnreachable, and the next one goes on", async () => {
  await using database = await testDatabase();
  const holder = await database.connect();
  await holder.query("begin; create schema stride");
  const opened = database.open().catch((error: unknown) => error);
  await database.blocked();
  await database.kill("blocked");
  expect(await opened).toBeInstanceOf(DatabaseUnreachable);
  await holder.query("rollback");
  await holder.end();
  await using store = await database.open();
  expect(await store.studies()).toEqual([]);
});

it("needs the right to create in the database, and says so, and no more than that", async () => {
  await using database = await testDatabase();
  const role = `stride_visitor_${new URL(database.url).pathname.slice(1)}`;
  await database.query(`create role ${role} login password 'visitor'`);
  try {
    const url = Object.assign(new URL(database.url), { username: role, password: "visitor" }).href;
    await expect(openResultStore({ url })).rejects.toThrow(/^permission denied for database/);
    await database.query(`grant create on database ${new URL(url).pathname.slice(1)} to ${role}`);
    await using store = await openResultStore({ url });
    expect(await store.studies()).toEqual([]);
  } finally {
    await database.query(`drop owned by ${role}; drop role ${role}`);
  }
});

it("refuses a database of a newer Stride, and lets go of it", async () => {
  await using database = await testDatabase();
  await (await database.open())[Symbol.asyncDispose]();
  await database.query("insert into stride.migrations (hash, created_at) values ('of the future', 99999999999999)");
  for (const _ of [1, 2]) {
    const opened = database.open();
    await expect(opened).rejects.toThrow(DatabaseTooNew);
    await expect(opened).rejects.toThrow("made by a newer version of Stride: upgrade this one");
  }
  const left =
    "select pid from pg_stat_activity where datname = current_database() and application_name = 'stride-results'";
  await expect.poll(() => database.query(left), { timeout: 20_000 }).toEqual([]);
});

it("takes along a study that an earlier Stride has stored, and lets stride_reader read all of it", async () => {
  await using database = await testDatabase();
  const { entries } = await json("_journal.json");
  const earlier = entries.slice(0, 2) as readonly { readonly tag: string; readonly when: number }[];
  for (const { tag } of earlier) await database.query(await readFile(new URL(`../${tag}.sql`, migrations), "utf8"));
  await database.query("create table stride.migrations (id serial primary key, hash text not null, created_at bigint)");
  for (const { when } of earlier) {
    await database.query("insert into stride.migrations (hash, created_at) values ('', $1)", [when]);
  }
  const { name, sweep, cohorts } = sampleStudy({ name: "old", trials: 1 });
  const [{ task, optimizer, schedule, trialId }] = (cohorts[0] as Cohort).trials as [Trial];
  await database.query("insert into stride.studies (name, sweep, source) values ($1, $2, '')", [name, sweep]);
  await database.query(
    `insert into stride.configurations
      (study_key, task, optimizer, schedule, learning_rate, steps, evaluate_every, task_spec, optimizer_spec, schedule_spec)
    values (1, 'task', 'sgd', 'greedy', 0.1, 40, 10, $1, $2, $3)`,
    [task, optimizer, schedule],
  );
  await database.query("insert into stride.cohorts (cohort_id, study_key, trial_count, steps) values ('c', 1, 1, 40)");
  await database.query(
    `insert into stride.trials (study_key, cohort_key, configuration_key, seed, split, position, trial_id)
    values (1, 1, 1, 0, 'report', 0, $1)`,
    [trialId],
  );
  await using store = await database.open();
  expect(await store.trials("old")).toMatchObject([{ trialId, noise: "none", drawn: false }]);
  const [delivered] = await store.undelivered({ leaseMs: 0, limit: 1 });
  expect(Object.keys(delivered?.trials[0] ?? {})).not.toContain("noise");
  const unreadable = `select relname from pg_class where relnamespace = 'stride'::regnamespace and relkind in ('r', 'v')
    and not has_table_privilege('stride_reader', oid, 'select')`;
  expect(await database.query(unreadable)).toEqual([]);
});

it("migrates to what schema.ts says, with nothing left to generate", async () => {
  const { entries } = await json("_journal.json");
  const newest = await json(`${String(entries.length - 1).padStart(4, "0")}_snapshot.json`);
  expect(await generateMigration(newest, generateDrizzleJson(schema, newest.id, ["stride"]))).toEqual([]);
});

it.each([
  { tag: "0000_tables", before: undefined },
  { tag: "0002_noise_draws_modules", before: "0001" },
  { tag: "0004_stability", before: "0003" },
  { tag: "0006_workers", before: "0005" },
  { tag: "0007_traces", before: "0006" },
])("changes the tables as the snapshots say: $tag", async ({ tag, before }) => {
  const earlier = before === undefined ? generateDrizzleJson({}) : await json(`${before}_snapshot.json`);
  const generated = await generateMigration(earlier, await json(`${tag.slice(0, 4)}_snapshot.json`));
  const written = await readFile(new URL(`../${tag}.sql`, migrations), "utf8");
  const inOrder = (statements: readonly string[]) =>
    statements.map((statement) => statement.replace("IF NOT EXISTS ", "").trim()).sort();
  const onTables = written.split("--> statement-breakpoint").filter((statement) => !statement.includes("VIEW stride."));
  expect(inOrder(onTables)).toEqual(inOrder(generated));
});

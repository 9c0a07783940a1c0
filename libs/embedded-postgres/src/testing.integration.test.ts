import pg from "pg";
import { expect, it } from "vitest";
import { freshDatabase } from "./testing.js";

async function query<Row>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

it("gives each caller an empty database of its own", async () => {
  await using first = await freshDatabase();
  await using second = await freshDatabase();
  await query(first.url, "create table only_here (value int)");
  const tables = "select count(*)::int as count from pg_tables where schemaname = 'public'";
  expect(await query(first.url, tables)).toEqual([{ count: 1 }]);
  expect(await query(second.url, tables)).toEqual([{ count: 0 }]);
});

it("drops the database on dispose, also when somebody is still connected", async () => {
  await using witness = await freshDatabase();
  const database = await freshDatabase();
  const name = new URL(database.url).pathname.slice(1);
  const client = new pg.Client({ connectionString: database.url });
  client.on("error", () => undefined);
  await client.connect();
  await database[Symbol.asyncDispose]();
  expect(await query(witness.url, `select 1 from pg_database where datname = '${name}'`)).toEqual([]);
  await client.end();
});

it("speaks UTF8, sorts by code point, and is PostgreSQL 18 unless a server was given", async () => {
  await using database = await freshDatabase();
  const settings = "select current_setting('server_encoding') as encoding, 'B' < 'a' as by_code_point";
  expect(await query(database.url, settings)).toEqual([{ encoding: "UTF8", by_code_point: true }]);
});

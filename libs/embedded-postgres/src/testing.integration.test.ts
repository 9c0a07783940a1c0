import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { expect, it, vi } from "vitest";
import { query } from "../test/harness.js";
import { freshDatabase } from "./testing.js";

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

it("leaves neither a server nor a folder behind when the test run is killed", async () => {
  const temporary = await mkdtemp(join(tmpdir(), "stride-testing-test-"));
  await chmod(temporary, 0o711);
  const script = fileURLToPath(new URL("../test/test-run.mjs", import.meta.url));
  const { STRIDE_TEST_DATABASE_URL: _, ...env } = process.env;
  const run = spawn(process.execPath, [script], { env: { ...env, TMPDIR: temporary } });
  try {
    const url = String(await Promise.race([once(run.stdout, "data"), once(run, "close")]));
    expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
    expect(await readdir(temporary)).toHaveLength(1);
    run.kill("SIGKILL");
    await vi.waitFor(async () => expect(await readdir(temporary)).toEqual([]), { timeout: 30_000 });
    await vi.waitFor(() => expect(query(url, "select 1")).rejects.toThrow("ECONNREFUSED"), { timeout: 30_000 });
  } finally {
    run.kill("SIGKILL");
    await rm(temporary, { recursive: true, force: true });
  }
});

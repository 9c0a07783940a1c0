import { freshDatabase } from "@stride/embedded-postgres/testing";
import pg from "pg";
import { expect } from "vitest";
import { openResultStore, type PostgresResultStore, type ResultStoreOptions } from "../src/index.js";

/** An empty database, stores on it, and a look behind their back. Dispose drops it. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  open(options?: Omit<ResultStoreOptions, "url">): Promise<PostgresResultStore>;
  /** Runs one statement on a connection of its own. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** A connection of its own, for a transaction that stays open; the caller ends it. */
  connect(): Promise<pg.Client>;
  /** Resolves once so many calls of stores, 1 when left out, wait for somebody's lock. */
  blocked(calls?: number): Promise<void>;
  /** Kills the stores' connections, those alone that wait for a lock if asked so. */
  kill(which?: "all" | "blocked"): Promise<void>;
}

const storeConnections = `from pg_stat_activity
  where datname = current_database() and application_name = 'stride-results' and ($1 or wait_event_type = 'Lock')`;

export async function testDatabase(): Promise<TestDatabase> {
  const database = await freshDatabase();
  const { url } = database;
  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: "stride-test" });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
  async function query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
    const client = await connect();
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }
  return {
    url,
    open: (options = {}) => openResultStore({ ...options, url }),
    connect,
    query,
    async blocked(calls = 1) {
      const waiting = async () => (await query(`select pid ${storeConnections}`, [false])).length;
      await expect.poll(waiting, { timeout: 20_000 }).toBe(calls);
    },
    async kill(which = "all") {
      await query(`select pg_terminate_backend(pid) ${storeConnections}`, [which === "all"]);
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

import { freshDatabase } from "@stride/embedded-postgres/testing";
import pg from "pg";
import { openResultStore, type PostgresResultStore, type ResultStoreOptions } from "../src/index.js";

/** An empty database, stores on it, and a look behind their back. Dispose drops it. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  open(options?: Omit<ResultStoreOptions, "url">): Promise<PostgresResultStore>;
  /** Runs one statement on a connection of its own. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** A connection of its own, for a transaction that stays open; the caller ends it. */
  connect(): Promise<pg.Client>;
}

export async function testDatabase(): Promise<TestDatabase> {
  const database = await freshDatabase();
  const { url } = database;
  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, application_name: "stride-test" });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
  return {
    url,
    open: (options = {}) => openResultStore({ ...options, url }),
    connect,
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      const client = await connect();
      try {
        return (await client.query<Row>(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

import { realpath } from "node:fs/promises";
import pg from "pg";
import { type Cluster, database, role } from "./cluster.js";
import { EmbeddedPostgresError, errorCode } from "./errors.js";

const applicationName = "stride-embedded-postgres";

/** The address of the cluster's database, password included. */
export function connectionUrl({ password }: Cluster, port: number): string {
  return `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/**
 * Makes sure that the server at this port is the cluster's and has our database, and says who started it. Undefined when
 * it does not take connections (yet, or any more).
 */
export async function inspect(cluster: Cluster, port: number): Promise<{ readonly owner: string } | undefined> {
  return withClient(cluster, port, async (client) => {
    const { rows } = await client.query(
      "select current_setting('data_directory') as data, current_setting('stride.owner', true) as owner, " +
        "exists (select from pg_database where datname = $1) as present",
      [database],
    );
    const { data, owner, present } = rows[0] as { data: string; owner: string | null; present: boolean };
    if ((await realpath(data)) !== (await realpath(cluster.data))) {
      throw new EmbeddedPostgresError(`the server on port ${port} serves ${data} and not ${cluster.data}`);
    }
    if (!present) {
      await client.query(`create database ${database}`).catch((error: unknown) => {
        // Another process made it in between: duplicate_database, or unique_violation while both are at it.
        if (!["42P04", "23505"].includes(errorCode(error) ?? "")) throw error;
      });
    }
    return { owner: owner ?? "" };
  });
}

/** How many clients other than this module are connected; none when the server is gone. */
export async function otherClients(cluster: Cluster, port: number): Promise<number> {
  const count = await withClient(cluster, port, async (client) => {
    const { rows } = await client.query(
      "select count(*)::int as count from pg_stat_activity where backend_type = 'client backend' and application_name <> $1",
      [applicationName],
    );
    return (rows[0] as { count: number }).count;
  });
  return count ?? 0;
}

/** Undefined when no connection is to be had: refused, starting up (57P03), shutting down (57P01, 57P02), or cut. */
async function withClient<T>(
  { password }: Cluster,
  port: number,
  use: (client: pg.Client) => Promise<T>,
): Promise<T | undefined> {
  const client = new pg.Client({
    host: "127.0.0.1",
    port,
    user: role,
    password,
    database: "postgres",
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined); // A cut connection also rejects the query that waits on it.
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    if (["ECONNREFUSED", "ECONNRESET", "57P01", "57P02", "57P03"].includes(errorCode(error) ?? "")) return undefined;
    if (error instanceof EmbeddedPostgresError) throw error;
    throw new EmbeddedPostgresError(`cannot use the PostgreSQL server on port ${port}: ${String(error)}`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}

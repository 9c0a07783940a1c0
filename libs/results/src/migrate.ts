import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { DrizzleQueryError } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import type pg from "pg";
import { DatabaseTooNew, DatabaseTooOld } from "./errors.js";
import { grantRoles } from "./roles.js";

const migrationsFolder = fileURLToPath(new URL("../migrations", import.meta.url));

/** Any number, as long as nobody else takes the same one. */
const lock = 5_791_204_863;

/**
 * Brings the tables and views up to this version, and gives Stride's roles their rights on them. Two processes may do so at once: one
 * waits for the other. Returns a notice when there is something the owner of the database should know.
 */
export async function migrateDatabase(connection: pg.PoolClient): Promise<string | undefined> {
  await connection.query("select pg_advisory_lock($1)", [lock]);
  try {
    const [applied, known] = [await newestApplied(connection), await newestKnown()];
    if (applied > known) throw tooNew();
    if (applied < known) {
      const options = { migrationsFolder, migrationsSchema: "stride", migrationsTable: "migrations" };
      await migrate(drizzle(connection), options).catch((error: unknown) => {
        throw error instanceof DrizzleQueryError ? (error.cause ?? error) : error; // The driver's error, as everywhere.
      });
    }
    return await grantRoles(connection);
  } finally {
    await connection.query("select pg_advisory_unlock($1)", [lock]).catch(() => undefined);
  }
}

/** Throws unless the tables and views are of this version; changes nothing, and needs no more than a reader's rights. */
export async function requireMigrated(connection: pg.PoolClient): Promise<undefined> {
  const [applied, known] = [await newestApplied(connection), await newestKnown()];
  if (applied > known) throw tooNew();
  if (applied < known) {
    throw new DatabaseTooOld(
      "the results database is not up to date and is not to be migrated here (STRIDE_MIGRATE=0): run `stride db migrate` as its owner",
    );
  }
}

const tooNew = () => new DatabaseTooNew("the results database was made by a newer version of Stride: upgrade this one");

/** When the newest migration of this database was written, in milliseconds; 0 when there is none. */
async function newestApplied(connection: pg.PoolClient): Promise<number> {
  const { rows: found } = await connection.query("select to_regclass('stride.migrations') is not null as exists");
  if (!found[0].exists) return 0;
  const { rows } = await connection.query("select coalesce(max(created_at), 0)::text as newest from stride.migrations");
  return Number(rows[0].newest);
}

async function newestKnown(): Promise<number> {
  const journal = JSON.parse(await readFile(`${migrationsFolder}/meta/_journal.json`, "utf8")) as Journal;
  return Math.max(...journal.entries.map(({ when }) => when));
}

interface Journal {
  readonly entries: readonly { readonly when: number }[];
}

import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    if (applied < known) await applyMigrations(connection, migrationsFolder);
    return await grantRoles(connection);
  } finally {
    await connection.query("select pg_advisory_unlock($1)", [lock]).catch(() => undefined);
  }
}

/**
 * Brings a database that is older up to the migration that was written at `when` and no further, as a backup needs that was made then.
 * Throws `DatabaseTooNew` for one that this version does not know.
 */
export async function migrateUpTo(connection: pg.PoolClient, when: number): Promise<void> {
  const { entries, ...journal } = await readJournal();
  const wanted = entries.filter((entry) => entry.when <= when);
  if (wanted.at(-1)?.when !== when) throw tooNew();
  if ((await newestApplied(connection)) >= when) return;
  const folder = await mkdtemp(join(tmpdir(), "stride-migrations-"));
  try {
    await mkdir(join(folder, "meta"));
    for (const { tag } of wanted) await copyFile(join(migrationsFolder, `${tag}.sql`), join(folder, `${tag}.sql`));
    await writeFile(join(folder, "meta", "_journal.json"), JSON.stringify({ ...journal, entries: wanted }));
    await applyMigrations(connection, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function applyMigrations(connection: pg.PoolClient, folder: string): Promise<void> {
  const options = { migrationsFolder: folder, migrationsSchema: "stride", migrationsTable: "migrations" };
  await migrate(drizzle(connection), options).catch((error: unknown) => {
    throw error instanceof DrizzleQueryError ? (error.cause ?? error) : error; // The driver's error, as everywhere.
  });
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
export async function newestApplied(connection: pg.PoolClient): Promise<number> {
  const { rows: found } = await connection.query("select to_regclass('stride.migrations') is not null as exists");
  if (!found[0].exists) return 0;
  const { rows } = await connection.query("select coalesce(max(created_at), 0)::text as newest from stride.migrations");
  return Number(rows[0].newest);
}

async function newestKnown(): Promise<number> {
  const { entries } = await readJournal();
  return Math.max(...entries.map(({ when }) => when));
}

async function readJournal(): Promise<Journal> {
  return JSON.parse(await readFile(join(migrationsFolder, "meta", "_journal.json"), "utf8")) as Journal;
}

/** What drizzle knows of the migrations, oldest first. */
interface Journal {
  readonly entries: readonly { readonly when: number; readonly tag: string }[];
}

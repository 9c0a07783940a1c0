import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { InvalidArgument } from "@stride/experiment";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { openDatabase } from "../database.js";
import { migrateDatabase, migrateUpTo, newestApplied } from "../migrate.js";
import {
  endOfRows,
  notABackup,
  parseHeader,
  parseHeading,
  quoted,
  type RowCounts,
  type TableHeading,
} from "./format.js";
import { tablesInOrder } from "./tables.js";

export interface RestoreOptions {
  readonly url: string;
  readonly input: Readable;
}

/**
 * Restores a backup of this or an earlier version into a database without studies: its tables are brought to the backup's version, filled in
 * one transaction, and migrated on. Attempts that were open are over, and their cohorts planned again. Throws `InvalidArgument` for what is
 * no whole backup, `DatabaseTooNew` for one of a newer Stride; no rows are written then.
 */
export async function restoreBackup({ url, input }: RestoreOptions): Promise<RowCounts> {
  await using database = openDatabase({ url, connections: 1 });
  const lines = linesOf(input);
  const next = async () => (await lines.next()).value as string | undefined;
  try {
    const { migration } = parseHeader(await next());
    return await database.withConnection(async (connection) => {
      await requireEmpty(connection);
      await migrateUpTo(connection, migration);
      if ((await newestApplied(connection)) !== migration) {
        throw new InvalidArgument(
          "the database's tables are of another version than the backup's: restore into a database without the schema stride",
        );
      }
      const rows = await filled(connection, next);
      await migrateDatabase(connection);
      return rows;
    });
  } finally {
    input.destroy();
    await lines.return(undefined);
  }
}

async function requireEmpty(connection: pg.ClientBase): Promise<void> {
  const { rows: found } = await connection.query("select to_regclass('stride.studies') is not null as exists");
  if (!found[0].exists) return;
  const { rows } = await connection.query("select count(*)::int as studies from stride.studies");
  const { studies } = rows[0];
  if (studies === 0) return;
  throw new InvalidArgument(
    `the database holds ${studies} ${studies === 1 ? "study" : "studies"}, which a restore would not replace: restore into an empty database`,
  );
}

/** Puts every table's rows in, all or none. */
async function filled(connection: pg.ClientBase, next: () => Promise<string | undefined>): Promise<RowCounts> {
  const known = new Map((await tablesInOrder(connection)).map(({ name, columns }) => [name, columns]));
  const rows: Record<string, number> = {};
  await connection.query("begin");
  try {
    for (;;) {
      const heading = parseHeading(await next());
      if ("end" in heading) {
        for (const [table, count] of Object.entries(heading.rows)) {
          if (rows[table] !== count)
            throw notABackup(`its table ${table} should have ${count} rows and has ${rows[table] ?? 0}`);
        }
        break;
      }
      const columns = known.get(heading.table);
      if (columns === undefined || heading.columns.some((column) => !columns.includes(column))) {
        throw notABackup(`its version has no such table or columns: ${JSON.stringify(heading).slice(0, 200)}`);
      }
      rows[heading.table] = await copied(connection, heading, next);
    }
    await connection.query(`
      update stride.attempts set ending = 'interrupted', ended_at = now() where ending is null;
      update stride.cohorts set state = 'planned' where state = 'running'`);
    await continueIdentities(connection);
    await connection.query("commit");
    return rows;
  } catch (error) {
    await connection.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function copied(
  connection: pg.ClientBase,
  { table, columns }: TableHeading,
  next: () => Promise<string | undefined>,
): Promise<number> {
  const copy = connection.query(
    copyFrom(`copy stride.${quoted(table)} (${columns.map(quoted).join(", ")}) from stdin`),
  );
  const done = finished(copy);
  done.catch(() => undefined);
  let count = 0;
  try {
    for (let line = await next(); line !== endOfRows; line = await next()) {
      if (line === undefined) throw notABackup(`it ends within the table ${table}`);
      count += 1;
      if (!copy.write(`${line}\n`)) await Promise.race([once(copy, "drain"), done]);
    }
  } catch (error) {
    (copy as Writable).destroy();
    await done.catch(() => undefined);
    throw error;
  }
  copy.end();
  await done;
  return count;
}

/** The next rows get keys after the restored ones. */
async function continueIdentities(connection: pg.ClientBase): Promise<void> {
  const { rows } = await connection.query<{ readonly name: string; readonly column: string }>(`
    select c.relname as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'stride'::regnamespace and c.relkind = 'r' and a.attidentity <> ''`);
  for (const { name, column } of rows) {
    const [table, key] = [`stride.${quoted(name)}`, quoted(column)];
    await connection.query(
      `select setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${key}), 0) + 1, false) from ${table}`,
    );
  }
}

/** The unzipped text's lines; what is no gzip is no backup. COPY ends lines with a newline alone: other line ends belong to the text. */
async function* linesOf(input: Readable): AsyncGenerator<string, undefined> {
  const unzipped = input.pipe(createGunzip());
  input.on("error", (error) => unzipped.destroy(error));
  let rest: Buffer[] = [];
  try {
    for await (const chunk of unzipped as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        rest.push(chunk.subarray(start, end));
        yield Buffer.concat(rest).toString("utf8");
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && /^Z_|ERR_|Z_BUF/.test(String(error.code))) {
      throw notABackup(`${error.message}`);
    }
    throw error;
  }
  return undefined;
}

import type { Writable } from "node:stream";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { to as copyTo } from "pg-copy-streams";
import { openDatabase } from "../database.js";
import { newestApplied, requireMigrated } from "../migrate.js";
import { type BackupHeader, backupFormat, endOfRows, quoted, type RowCounts } from "./format.js";
import { tablesInOrder } from "./tables.js";

export interface BackupOptions {
  readonly url: string;
  readonly output: Writable;
}

/**
 * Writes everything of the schema `stride` as it is at one moment, while work goes on, to `output`, which is then ended. The queue's tables
 * are left out: they are filled again from these. Throws as `openResultStore` does when the tables are not of this version.
 */
export async function writeBackup({ url, output }: BackupOptions): Promise<RowCounts> {
  await using database = openDatabase({ url, connections: 1 });
  return await database.withConnection(async (connection) => {
    await connection.query("begin isolation level repeatable read, read only");
    try {
      await requireMigrated(connection);
      const tables = await tablesInOrder(connection);
      const migration = await newestApplied(connection);
      const rows: Record<string, number> = {};
      async function* texts(): AsyncGenerator<Buffer | string> {
        const header: BackupHeader = {
          stride: "backup",
          format: backupFormat,
          migration,
          createdAt: new Date().toISOString(),
        };
        yield `${JSON.stringify(header)}\n`;
        for (const { name, columns } of tables) {
          yield `${JSON.stringify({ table: name, columns })}\n`;
          const list = columns.map(quoted).join(", ");
          const copy = connection.query(copyTo(`copy stride.${quoted(name)} (${list}) to stdout`));
          // Errors of the copy reach this loop through the pipe.
          const read = new PassThrough();
          const copied = pipeline(copy, read);
          copied.catch(() => undefined);
          for await (const chunk of read) yield chunk as Buffer;
          await copied;
          rows[name] = copy.rowCount;
          yield `${endOfRows}\n`;
        }
        yield `${JSON.stringify({ end: true, rows })}\n`;
      }
      await pipeline(Readable.from(texts()), createGzip(), output);
      return rows;
    } finally {
      await connection.query("rollback").catch(() => undefined);
    }
  });
}

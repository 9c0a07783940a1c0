import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import type { Command } from "commander";
import { openDatabase } from "../connection.js";
import { type Context, readable } from "../context.js";
import { formatTable } from "../output.js";

/** `stride db backup|restore`. */
export function addDbBackup(db: Command, context: Context): void {
  db.command("backup")
    .description("write all results to a file, as they are at one moment, while work goes on")
    .requiredOption("-o, --output <file>", "where to; it is replaced once the backup is whole")
    .option("--json", "print the rows of each table as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ stride db backup -o stride-backup.gz\n\nNeeds no Postgres client. The file is for its owner alone.",
    )
    .action(async ({ output, json }: { output: string; json?: true }) => {
      const { writeBackup } = await import("@stride/results");
      await using database = await openDatabase(context.settings(), { create: false });
      const draft = `${output}.${process.pid}.part`;
      const file = await open(draft, "wx", 0o600);
      try {
        const rows = await writeBackup({ url: database.url, output: file.createWriteStream({ flush: true }) });
        await rename(draft, output);
        print(rows, json);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    });
  db.command("restore")
    .description("put a backup into a database that has no studies, and migrate it to this version")
    .argument("<file>", "what `stride db backup` wrote")
    .option("--json", "print the rows of each table as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  $ STRIDE_DATABASE_URL=postgres://owner@host/new stride db restore stride-backup.gz\n\n" +
        "Stop coordinator and workers first; started again, they go on with what the backup has unfinished.",
    )
    .action(async (path: string, { json }: { json?: true }) => {
      await readable(path);
      const { restoreBackup } = await import("@stride/results");
      await using database = await openDatabase(context.settings(), { create: true });
      print(await restoreBackup({ url: database.url, input: createReadStream(path) }), json);
    });
}

function print(rows: Readonly<Record<string, number>>, json: true | undefined): void {
  if (json) console.log(JSON.stringify(rows));
  else console.log(formatTable(Object.entries(rows).map(([table, count]) => ({ table, rows: count }))));
}

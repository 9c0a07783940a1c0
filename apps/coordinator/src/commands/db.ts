import { spawn } from "node:child_process";
import type { Command } from "commander";
import { openDatabase, openStore } from "../connection.js";
import type { Context } from "../context.js";
import { exitCodes, Unreachable } from "../exit-codes.js";
import { addDbBackup } from "./db-backup.js";

/** `stride db url|migrate|psql|backup|restore`. */
export function addDb(program: Command, context: Context): void {
  const db = program.command("db").description("the results database");
  addDbBackup(db, context);
  db.command("url")
    .description("print the database's URL, password included: for psql or a notebook")
    .option("--json", "print JSON")
    .addHelpText("after", "\nThe embedded database answers only while a stride command (or `stride up`) runs it.")
    .action(async (options: { json?: true }) => {
      await using database = await openDatabase(context.settings(), { create: false });
      console.log(options.json ? JSON.stringify({ url: database.url }) : database.url);
    });
  db.command("migrate")
    .description(
      "bring the database's tables up to this version, the queue's too, and give Stride's roles their rights; safe at any time",
    )
    .option("--json", "print JSON")
    .action(async (options: { json?: true }) => {
      const settings = context.settings();
      await using opened = await openStore({ ...settings, migrate: true }, { create: true });
      const { place, url } = opened.database;
      if (settings.redisUrl === undefined) {
        const { openTrialQueue } = await import("@stride/queue");
        await using _ = await openTrialQueue({ url });
      }
      console.log(options.json ? JSON.stringify({ upToDate: place }) : `up to date: ${place}`);
    });
  db.command("psql")
    .description("open psql on the database (needs psql on the PATH), keeping the embedded one up meanwhile")
    .argument("[arguments...]", "passed on to psql, e.g. -- -c 'select * from win_rates'")
    .action(async (passedOn: string[]) => {
      await using database = await openDatabase(context.settings(), { create: false });
      context.exit(await runPsql(database.url, passedOn));
    });
}

/** Runs psql with the password in its environment, out of the process list. */
async function runPsql(url: string, passedOn: readonly string[]): Promise<number> {
  const place = new URL(url);
  const environment = { ...process.env, PGPASSWORD: decodeURIComponent(place.password) };
  place.password = "";
  const psql = spawn("psql", [place.href, ...passedOn], { env: environment, stdio: "inherit" });
  return new Promise((resolve, reject) => {
    psql.once("error", () =>
      reject(new Unreachable("psql is not on the PATH: install the Postgres client, or use `stride db url`")),
    );
    psql.once("exit", (code) => resolve(code ?? exitCodes.unreachable));
  });
}

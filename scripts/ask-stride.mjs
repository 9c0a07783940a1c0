/** Asks the laboratory of the environment, through the command line alone; what the command line does not tell, the database. */
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import pg from "pg";
import { root } from "./results-folder.mjs";
import { rounded } from "./study-digest.mjs";

const bin = join(root, "apps/coordinator/bin/stride.mjs");

/** What a stride command prints. */
export async function strideText(...args) {
  const words = [bin, ...args.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 2 ** 29 }).catch((error) => {
    throw new Error(error.stderr?.trim() || error.message);
  });
  return stdout;
}

/** What a stride command prints as JSON. */
export async function stride(...args) {
  return JSON.parse(await strideText(...args, "--json"));
}

/** The elements of a JSON array that a stride command prints one a line. */
export async function* strideLines(...args) {
  const child = spawn(process.execPath, [bin, ...args, "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => child.once("close", done));
  for await (const line of createInterface({ input: child.stdout })) {
    const text = line.replace(/^[\s,]+/, "");
    if (text.startsWith("{")) yield JSON.parse(text);
  }
  const code = await ended;
  if (code !== 0) throw new Error(`stride ${args.slice(0, 3).join(" ")} ended with ${code}`);
}

/**
 * The database for as long as this runs, so that each command finds it up; and the seconds in which at least one attempt at the study
 * ran, null behind a coordinator, which does not tell.
 */
export async function openOwnDatabase() {
  // Applications export nothing: a script of the repository may look inside.
  const [{ openDatabase }, { parseSettings }] = await Promise.all([
    import("../apps/coordinator/dist/connection.js"),
    import("../apps/coordinator/dist/settings.js"),
  ]);
  const settings = parseSettings(process.env);
  if (settings.coordinator !== undefined) return { wallSeconds: async () => null, close: async () => undefined };
  const opened = await openDatabase(settings, { create: false });
  return {
    async wallSeconds(study) {
      const client = new pg.Client({ connectionString: opened.url });
      await client.connect();
      try {
        const { rows } = await client.query(
          `select extract(epoch from sum(upper(period) - lower(period)))::float8 as seconds
           from (
             select unnest(range_agg(tstzrange(started_at, ended_at))) as period
             from stride.attempts join stride.cohorts using (cohort_key) join stride.studies using (study_key)
             where name = $1 and ended_at > started_at
           ) periods`,
          [study],
        );
        return rounded(rows[0]?.seconds);
      } finally {
        await client.end();
      }
    },
    close: () => opened[Symbol.asyncDispose](),
  };
}

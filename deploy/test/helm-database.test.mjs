import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freshDatabase } from "@stride/embedded-postgres/testing";
import { sampleStudy } from "@stride/experiment/contracts";
import { openTrialQueue } from "@stride/queue";
import { openResultStore } from "@stride/results";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chart, noHelm } from "./helm-binary.mjs";
import { render } from "./helm-render.mjs";

// Roles belong to the whole server: one of this file's own.
delete process.env.STRIDE_TEST_DATABASE_URL;

const passwords = { "coordinator-password": "c'o", "reader-password": "re\\ad" };

/** Uses and closes it: Node 20 does not know `await using`. */
async function withResource(resource, use = async () => {}) {
  try {
    return await use(resource);
  } finally {
    await resource[Symbol.asyncDispose]();
  }
}

/** What psql makes of the logins' file: variables from files of passwords, and statements from answers. */
async function runLogins(client, text) {
  const variables = new Map();
  for (const statement of text.split("\n").filter((line) => line !== "" && !line.startsWith("--"))) {
    const set = /^\\set (\w+) `cat \/etc\/stride\/postgres\/([-\w]+) 2>\/dev\/null`$/.exec(statement);
    if (set !== null) {
      variables.set(set[1], passwords[set[2]] ?? "");
      continue;
    }
    const filled = statement.replace(/:'(\w+)'/g, (_, name) => pg.escapeLiteral(variables.get(name)));
    const [query, execute] = filled.split(" \\gexec");
    const { rows } = await client.query(query);
    if (execute !== undefined) for (const row of rows) await client.query(Object.values(row)[0]);
  }
}

describe.skipIf(noHelm !== undefined)(`the chart's database${noHelm ? ` (skipped: ${noHelm})` : ""}`, () => {
  let database;
  let owner;
  const as = (user, password) => Object.assign(new URL(database.url), { username: user, password }).href;

  beforeAll(async () => {
    database = await freshDatabase();
    owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await runLogins(owner, readFileSync(join(chart, "files/10-logins.sql"), "utf8"));
    // As `stride db migrate` does with the queue on Postgres.
    await withResource(await openResultStore({ url: database.url }));
    await withResource(await openTrialQueue({ url: database.url, leaseMs: 30_000 }));
  });
  afterAll(async () => {
    await owner.end();
    await database[Symbol.asyncDispose]();
  });

  it.each(["bundled-keda", "external-keda-gpu"])(
    "gives KEDA with ci/%s.yaml the unfinished cohorts of running studies",
    async (name) => {
      const store = await openResultStore({ url: database.url });
      const [running, paused, cancelled] = ["running", "paused", "cancelled"].map((state) => `${name}-${state}`);
      await store.submitStudy(sampleStudy({ name: running, cohorts: 3 }));
      await store.submitStudy(sampleStudy({ name: paused, cohorts: 5 }));
      await store.submitStudy(sampleStudy({ name: cancelled, cohorts: 7 }));
      await store.setStudyState(paused, "paused");
      await store.setStudyState(cancelled, "cancelled");
      const ofRunning = "study_key = (select study_key from stride.studies where name = $1)";
      await owner.query(
        `update stride.cohorts set state = 'running' where cohort_key = (select min(cohort_key) from stride.cohorts where ${ofRunning})`,
        [running],
      );

      const triggers = (await render(name))
        .filter(({ kind }) => kind === "ScaledObject")
        .flatMap(({ spec }) => spec.triggers);
      expect(triggers.length).toBeGreaterThan(0);
      const reader = new pg.Client({ connectionString: as("stride_reader_login", passwords["reader-password"]) });
      await reader.connect();
      try {
        for (const { metadata } of triggers) expect(await unfinished(reader, metadata.query)).toBe(3);
        await store.setStudyState(paused, "running");
        for (const { metadata } of triggers) expect(await unfinished(reader, metadata.query)).toBe(8);
        await owner.query(`update stride.cohorts set state = 'finished' where ${ofRunning}`, [running]);
        for (const { metadata } of triggers) expect(await unfinished(reader, metadata.query)).toBe(5);
      } finally {
        await reader.end();
        await store[Symbol.asyncDispose]();
        await owner.query("delete from stride.studies");
      }
    },
  );

  /** KEDA reads one number of one row. */
  async function unfinished(client, query) {
    const { rows, fields } = await client.query(query);
    expect([rows.length, fields.length]).toEqual([1, 1]);
    return Number(Object.values(rows[0])[0]);
  }

  it("lets the coordinator's login write results and deliver, and change no table", async () => {
    const url = as("stride_coordinator_login", passwords["coordinator-password"]);
    await withResource(await openResultStore({ url, migrate: false }), (store) =>
      store.submitStudy(sampleStudy({ name: "mine" })),
    );
    await withResource(await openTrialQueue({ url, leaseMs: 30_000, migrate: false }), (queue) =>
      queue.present(["none"]),
    );
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await expect(client.query("drop table stride.trials")).rejects.toThrow(/must be owner/);
    await client.end();
  });

  it("lets the reader's login read alone, and nobody in without a password of their own", async () => {
    const reader = new pg.Client({ connectionString: as("stride_reader_login", passwords["reader-password"]) });
    await reader.connect();
    await expect(reader.query("update stride.studies set state = 'paused'")).rejects.toThrow(/permission denied/);
    await reader.end();
    for (const password of ["", "wrong"]) {
      const worker = new pg.Client({ connectionString: as("stride_worker_login", password) });
      await expect(worker.connect()).rejects.toThrow(/password/);
      await worker.end(); // Otherwise the server waits for a password, and the database cannot be dropped.
    }
  });
});

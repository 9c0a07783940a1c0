import { readFile } from "node:fs/promises";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Cohort } from "@stride/experiment";
import { sampleAgentStudy, sampleReport, sampleResults, sampleStudy } from "@stride/experiment/contracts";
import { describe, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../test/test-database.js";
import { DatabaseTooNew, DatabaseTooOld, restoreBackup, writeBackup } from "../index.js";

async function backupOf({ url }: TestDatabase): Promise<Buffer> {
  const output = new PassThrough();
  const [bytes] = await Promise.all([buffer(output), writeBackup({ url, output })]);
  return bytes;
}

const restored = ({ url }: TestDatabase, bytes: Buffer) => restoreBackup({ url, input: Readable.from([bytes]) });

const json = async (name: string) =>
  JSON.parse(await readFile(new URL(`../../migrations/meta/${name}`, import.meta.url), "utf8"));

/** Every row of every table, as text. */
async function contents(database: TestDatabase): Promise<Record<string, readonly string[]>> {
  const tables = await database.query<{ readonly name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'stride'::regnamespace and relkind = 'r' and relname <> 'migrations' order by 1`,
  );
  const all: Record<string, readonly string[]> = {};
  for (const { name } of tables) {
    const rows = await database.query<{ readonly row: string }>(`select t::text as row from stride.${name} t`);
    all[name] = rows.map(({ row }) => row).sort();
  }
  return all;
}

/** A database with a finished cohort, a running and a planned one, odd texts, and an agent's study. */
async function filledDatabase(): Promise<TestDatabase> {
  const database = await testDatabase();
  await using store = await database.open();
  const study = sampleStudy({ name: "kept \\N\ttab", cohorts: 3 });
  await store.submitStudy({ ...study, source: "line\nline\r\n\\.\n\u0001 ünïcode 🎲" });
  const [first, second] = study.cohorts as [Cohort, Cohort, Cohort];
  for (const cohort of [first, second]) {
    const answer = await store.startAttempt({ cohortId: cohort.cohortId, workerId: "worker", executor: "onnx-cpu" });
    if (answer.kind !== "continue") throw new Error(answer.kind);
    const key = { cohortId: cohort.cohortId, token: answer.token };
    await store.report(sampleReport(cohort, { ...key, from: 0, to: 40 }));
    if (cohort === first) await store.finishAttempt({ ...key, results: sampleResults(first) });
  }
  await store.submitAgentStudy(sampleAgentStudy());
  return database;
}

describe("a backup", () => {
  it("restored, is what it was made of, but for attempts that were open", async () => {
    await using database = await filledDatabase();
    const before = await contents(database);
    const bytes = await backupOf(database);
    expect(await contents(database)).toEqual(before);
    await using other = await testDatabase();
    const rows = await restored(other, bytes);
    expect(rows).toEqual(Object.fromEntries(Object.entries(before).map(([table, all]) => [table, all.length])));
    const after = await contents(other);
    const { attempts: _, cohorts: __, ...kept } = before;
    expect(after).toMatchObject(kept);
    await using store = await other.open();
    expect(await store.study("kept \\N\ttab")).toMatchObject({ trials: { completed: 2, planned: 4, running: 0 } });
    await using original = await database.open();
    const finished = async (from: typeof store) =>
      (await from.trials("kept \\N\ttab")).filter(({ outcome }) => outcome === "completed");
    expect(await finished(store)).toEqual(await finished(original));
    const work = { leaseMs: 30_000, limit: 10 };
    expect(await store.undelivered({ ...work, leaseMs: 0 })).toEqual(
      await original.undelivered({ ...work, leaseMs: 0 }),
    );
  });

  it("goes on where it was: new rows get new keys, and the study can be finished", async () => {
    await using database = await filledDatabase();
    await using other = await testDatabase();
    await restored(other, await backupOf(database));
    await using store = await other.open();
    await store.submitStudy(sampleStudy({ name: "later", cohorts: 2 }));
    const { cohorts } = sampleStudy({ name: "kept \\N\ttab", cohorts: 3 });
    const [, second] = cohorts as [Cohort, Cohort, Cohort];
    const answer = await store.startAttempt({ cohortId: second.cohortId, workerId: "other", executor: "onnx-cpu" });
    expect(answer).toEqual({ kind: "continue", token: 2 });
    expect(await store.finishAttempt({ cohortId: second.cohortId, token: 2, results: sampleResults(second) })).toEqual({
      kind: "continue",
    });
  });

  it("is of one moment, whatever is written meanwhile", async () => {
    await using database = await testDatabase();
    await using store = await database.open();
    let writing = true;
    const written = (async () => {
      for (let number = 0; writing; number += 1)
        await store.submitStudy(sampleStudy({ name: `study-${number}`, cohorts: 2 }));
    })();
    try {
      for (let round = 0; round < 5; round += 1) {
        await using other = await testDatabase();
        const rows = await restored(other, await backupOf(database));
        // A study's rows are written in one transaction: each has its two cohorts of two trials, or is not there.
        expect(rows.cohorts).toBe(2 * (rows.studies ?? 0));
        expect(rows.trials).toBe(2 * (rows.cohorts ?? 0));
      }
    } finally {
      writing = false;
      await written;
    }
  });

  it("of an earlier version is migrated as the tables of its time would have been", async () => {
    await using database = await filledDatabase();
    const lines = gunzipSync(await backupOf(database))
      .toString()
      .split("\n");
    // As migration 0005 left the tables.
    const { entries } = await json("_journal.json");
    const { tables } = await json("0005_snapshot.json");
    lines[0] = JSON.stringify({ ...JSON.parse(lines[0] ?? ""), migration: entries[5].when });
    let kept: readonly boolean[] = [];
    const earlier = lines.map((line) => {
      if (line.startsWith('{"table"')) {
        const { table, columns } = JSON.parse(line) as { readonly table: string; readonly columns: readonly string[] };
        const known = Object.values<{ readonly name: string }>(tables[`stride.${table}`].columns).map(
          ({ name }) => name,
        );
        kept = columns.map((column) => known.includes(column));
        return JSON.stringify({ table, columns: columns.filter((_, index) => kept[index]) });
      }
      const fields = line.split("\t");
      return fields.length === kept.length ? fields.filter((_, index) => kept[index]).join("\t") : line;
    });
    expect(earlier.join("\n").length).toBeLessThan(lines.join("\n").length);
    await using other = await testDatabase();
    await restored(other, gzipSync(earlier.join("\n")));
    await using store = await other.open({ migrate: false });
    expect(await store.workers({ withinMs: 86_400_000 })).toMatchObject([
      { workerId: "worker", version: "unknown", slots: 1 },
    ]);
  });

  it("is not made of tables that are not of this version", async () => {
    await using database = await testDatabase();
    const output = new PassThrough();
    output.resume();
    await expect(writeBackup({ url: database.url, output })).rejects.toThrow(DatabaseTooOld);
  });
});

describe("a restore", () => {
  it("replaces nothing", async () => {
    await using database = await filledDatabase();
    const before = await contents(database);
    await expect(restored(database, await backupOf(database))).rejects.toThrow(
      "the database holds 2 studies, which a restore would not replace: restore into an empty database",
    );
    expect(await contents(database)).toEqual(before);
  });

  it("refuses what is no whole backup, and writes no rows then", async () => {
    await using database = await filledDatabase();
    const bytes = await backupOf(database);
    const text = gunzipSync(bytes).toString();
    const lines = text.split("\n");
    const edited = (change: (lines: string[]) => void) => {
      const copy = [...lines];
      change(copy);
      return gzipSync(copy.join("\n"));
    };
    const withLine = (index: number, line: string) => edited((all) => void all.splice(index, 1, line));
    const row = lines.findIndex((line) => line.startsWith('{"table":"cohorts"')) + 1;
    const refused: readonly (readonly [string, Buffer, RegExp])[] = [
      ["no gzip", Buffer.from("select 1"), /whole backup of Stride: incorrect header check/],
      ["nothing", gzipSync(""), /ends before its first line/],
      ["another text", gzipSync("hello\n"), /first line is no JSON object/],
      ["another JSON", gzipSync("{}\n"), /first line is another/],
      ["another format", withLine(0, '{"stride":"backup","format":2,"migration":1}'), /has the format 2/],
      ["cut off", bytes.subarray(0, bytes.length / 2), /whole backup of Stride: unexpected end of file/],
      ["cut off in a table", gzipSync(`${lines.slice(0, row + 1).join("\n")}\n`), /ends within the table cohorts/],
      ["without its end", gzipSync(`${lines.slice(0, -2).join("\n")}\n`), /ends before the line after a table/],
      [
        "a row too few",
        edited((all) => void all.splice(row, 1)),
        /table (cohorts should have|.* violates)|violates foreign key/,
      ],
      ["a bad row", withLine(row, "nonsense"), /missing data|invalid input syntax/],
      ["a hostile table", withLine(row - 1, '{"table":"cohorts; drop","columns":[]}'), /no such table/],
      [
        "a hostile column",
        withLine(row - 1, '{"table":"cohorts","columns":["state) from"]}'),
        /no such table or columns/,
      ],
    ];
    await using other = await testDatabase();
    for (const [what, damaged, message] of refused) {
      await expect(restored(other, damaged), what).rejects.toThrow(message);
      const all = Object.values(await contentsOrNothing(other)).flat();
      expect(all, what).toEqual([]);
    }
    await expect(
      restored(other, withLine(0, '{"stride":"backup","format":1,"migration":9999999999999}')),
    ).rejects.toThrow(DatabaseTooNew);
    await restored(other, bytes);
  });
});

async function contentsOrNothing(database: TestDatabase): Promise<Record<string, readonly string[]>> {
  const [found] = await database.query<{ readonly exists: boolean }>(
    "select to_regclass('stride.studies') is not null as exists",
  );
  return found?.exists ? contents(database) : {};
}

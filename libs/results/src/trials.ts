import type { TrialRow } from "@stride/experiment";
import type { Queryable } from "./database.js";
import { trialRows } from "./queries/trial-rows.js";

const pageRows = 10_000;

/** The study's trial summaries, a page of rows in memory at a time; each page is as of when it is read. */
export async function* streamTrials(database: Queryable, studyName: string): AsyncGenerator<TrialRow> {
  let after = 0;
  for (;;) {
    const page = await trialRows(database, { studyName, after, limit: pageRows });
    for (const { trialKey, ...row } of page) {
      after = trialKey;
      yield row;
    }
    if (page.length < pageRows) return;
  }
}

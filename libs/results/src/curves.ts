import { joinedCurve, type TrialCurve } from "@stride/experiment";
import type { Queryable } from "./database.js";
import { chunkRows, evaluationRows } from "./queries/curve-rows.js";
import { trialKeys } from "./queries/trial-keys.js";

/** Trials whose curves are in memory at a time. */
const trialsAtOnce = 32;

/** Curves of the study's trials, or of the named ones; a trial that has reported nothing has an empty one. */
export async function* curves(
  database: Queryable,
  options: { readonly studyName: string; readonly trialIds?: readonly string[] | undefined },
): AsyncGenerator<TrialCurve> {
  const trials = await trialKeys(database, options);
  for (let first = 0; first < trials.length; first += trialsAtOnce) {
    const batch = trials.slice(first, first + trialsAtOnce);
    const keys = batch.map(({ trialKey }) => trialKey);
    const [chunks, evaluations] = await Promise.all([chunkRows(database, keys), evaluationRows(database, keys)]);
    const [chunksOf, evaluationsOf] = [byTrial(chunks), byTrial(evaluations)];
    for (const { trialId, trialKey } of batch) {
      yield joinedCurve(trialId, chunksOf.get(trialKey) ?? [], evaluationsOf.get(trialKey) ?? []);
    }
  }
}

function byTrial<Row extends { readonly trialKey: number }>(rows: readonly Row[]): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.trialKey);
    if (group === undefined) groups.set(row.trialKey, [row]);
    else group.push(row);
  }
  return groups;
}

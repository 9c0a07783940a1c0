import type { TrialCurve } from "@stride/experiment";
import type { Queryable } from "./database.js";
import { type ChunkRow, chunkRows, type EvaluationRow, evaluationRows } from "./queries/curve-rows.js";
import { type TrialKey, trialKeys } from "./queries/trial-keys.js";

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
    for (const trial of batch) {
      yield joined(trial, chunksOf.get(trial.trialKey) ?? [], evaluationsOf.get(trial.trialKey) ?? []);
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

/** A step that nobody reported (none, unless a chunk was deleted by hand) reads as NaN. */
function joined({ trialId }: TrialKey, chunks: readonly ChunkRow[], evaluations: readonly EvaluationRow[]): TrialCurve {
  const steps = Math.max(0, ...chunks.map(({ firstStep, trainingLosses }) => firstStep + trainingLosses.length));
  const trainingLosses = new Float32Array(steps).fill(Number.NaN);
  const learningRates = new Float64Array(steps).fill(Number.NaN);
  for (const chunk of chunks) {
    trainingLosses.set(chunk.trainingLosses, chunk.firstStep);
    learningRates.set(chunk.learningRates, chunk.firstStep);
  }
  return { trialId, trainingLosses, learningRates, evaluations: evaluations.map(({ step, loss }) => ({ step, loss })) };
}

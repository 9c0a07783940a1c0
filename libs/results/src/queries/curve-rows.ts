import { decodeDoubles, decodeReals } from "../binary-arrays.js";
import type { Queryable } from "../database.js";

export interface ChunkRow {
  readonly trialKey: number;
  readonly firstStep: number;
  readonly trainingLosses: Float32Array;
  readonly learningRates: Float64Array;
  readonly seenLosses?: Float32Array;
  readonly lowestRates?: Float32Array;
  readonly highestRates?: Float32Array;
  readonly bounds?: Float32Array;
}

/** Chunks of these trials by trial and step. */
export async function chunkRows(database: Queryable, keys: readonly number[]): Promise<readonly ChunkRow[]> {
  const rows = await database.query<{
    readonly trialKey: number;
    readonly firstStep: number;
    readonly trainingLosses: Buffer;
    readonly learningRates: Buffer;
    readonly seenLosses: Buffer | null;
    readonly lowestRates: Buffer | null;
    readonly highestRates: Buffer | null;
    readonly bounds: Buffer | null;
  }>({
    name: "chunk-rows",
    text: `
      select trial_key as "trialKey", first_step as "firstStep", array_send(training_losses) as "trainingLosses",
        array_send(learning_rates) as "learningRates", array_send(seen_losses) as "seenLosses",
        array_send(lowest_rates) as "lowestRates", array_send(highest_rates) as "highestRates", array_send(bounds) as bounds
      from stride.curve_chunks
      where trial_key = any($1::int[])
      order by trial_key, first_step`,
    values: [keys],
  });
  return rows.map(({ trialKey, firstStep, trainingLosses, learningRates, ...others }) => ({
    trialKey,
    firstStep,
    trainingLosses: decodeReals(trainingLosses),
    learningRates: decodeDoubles(learningRates),
    ...(others.seenLosses === null ? {} : { seenLosses: decodeReals(others.seenLosses) }),
    ...(others.lowestRates === null ? {} : { lowestRates: decodeReals(others.lowestRates) }),
    ...(others.highestRates === null ? {} : { highestRates: decodeReals(others.highestRates) }),
    ...(others.bounds === null ? {} : { bounds: decodeReals(others.bounds) }),
  }));
}

export interface EvaluationRow {
  readonly trialKey: number;
  readonly step: number;
  readonly loss: number;
}

/** Evaluations of these trials by trial and step. */
export function evaluationRows(database: Queryable, keys: readonly number[]): Promise<readonly EvaluationRow[]> {
  return database.query<EvaluationRow>({
    name: "evaluation-rows",
    text: `
      select trial_key as "trialKey", step, loss
      from stride.evaluations
      where trial_key = any($1::int[])
      order by trial_key, step`,
    values: [keys],
  });
}

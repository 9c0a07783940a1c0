import { normalisedFeatures } from "@stride/schedules";
import type { PolicyDocument } from "@stride/schedules/spec";
import type { Layers } from "./networks.js";

export type Normalisation = PolicyDocument["normalisation"];

/** Features of many decisions as the networks see them, `[N, F]`. */
export function normalised(features: Float32Array, normalisation: Normalisation): Float32Array {
  const width = normalisation.mean.length;
  const seen = new Float32Array(features.length);
  for (let at = 0; at < features.length; at += width) {
    seen.set(normalisedFeatures([...features.subarray(at, at + width)], normalisation), at);
  }
  return seen;
}

/** Below this a feature never moved, and keeps the deviation it had: it divides by no zero, nor blows up the day it moves. */
const leastDeviation = 1e-6;

/** Mean and deviation of all that was seen before and of more rows, `[N, F]` (Chan, Golub & LeVeque, 1979). */
export function merged(before: Normalisation, features: Float32Array): Normalisation {
  const width = before.mean.length;
  const added = features.length / width;
  if (added === 0) return before;
  const count = before.count + added;
  const columns = before.mean.map((mean, column) => {
    let sum = 0;
    for (let i = column; i < features.length; i += width) sum += features[i] as number;
    const addedMean = sum / added;
    let squares = 0;
    for (let i = column; i < features.length; i += width) squares += ((features[i] as number) - addedMean) ** 2;
    const apart = addedMean - mean;
    const deviation = before.deviation[column] as number;
    const all = before.count * deviation ** 2 + squares + (apart ** 2 * before.count * added) / count;
    const found = Math.sqrt(all / count);
    return { mean: mean + (apart * added) / count, deviation: found < leastDeviation ? deviation : found };
  });
  return { count, mean: columns.map(({ mean }) => mean), deviation: columns.map(({ deviation }) => deviation) };
}

/**
 * The policy with the normalisation that these rows `[N, F]` are merged into, and networks that say the same as before of every
 * features: with x = m + d z before and x = m' + d' z' after, z W + b = z' W' + b' for
 *
 *   W'ᵢ = Wᵢ d'ᵢ / dᵢ,  b' = b + Σᵢ Wᵢ (m'ᵢ − mᵢ) / dᵢ.
 *
 * Exact, but for float32's rounding of the weights, where neither normalisation cuts a feature off.
 */
export function renormalised(policy: PolicyDocument, features: Float32Array): PolicyDocument {
  const normalisation = merged(policy.normalisation, features);
  const fold = (layers: Layers) => folded(layers, policy.normalisation, normalisation);
  return {
    ...policy,
    normalisation,
    actor: fold(policy.actor),
    ...(policy.critic === undefined ? {} : { critic: fold(policy.critic) }),
  };
}

function folded([first, ...others]: Layers, before: Normalisation, after: Normalisation): Layers {
  if (first === undefined) return [];
  const inputs = first.weights.map((row, i) => {
    const deviation = before.deviation[i] as number;
    return {
      row,
      scale: (after.deviation[i] as number) / deviation,
      shift: ((after.mean[i] as number) - (before.mean[i] as number)) / deviation,
    };
  });
  return [
    {
      weights: inputs.map(({ row, scale }) => row.map((weight) => Math.fround(weight * scale))),
      biases: first.biases.map((bias, out) =>
        Math.fround(inputs.reduce((sum, { row, shift }) => sum + (row[out] as number) * shift, bias)),
      ),
    },
    ...others,
  ];
}

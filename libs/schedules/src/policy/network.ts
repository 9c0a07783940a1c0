import type { Layer, PolicyDocument } from "./document.js";

/** Features are cut off here once they are normalised. */
export const featureLimit = 10;

/** (x − mean) / deviation, cut off at ±10. */
export function normalisedFeatures(
  features: readonly number[],
  { mean, deviation }: PolicyDocument["normalisation"],
): number[] {
  return features.map((feature, i) => {
    const standard = (feature - (mean[i] as number)) / (deviation[i] as number);
    return Math.max(-featureLimit, Math.min(featureLimit, standard));
  });
}

/** What a network says of one decision's features, `[in]` to `[out]`: y = x W + b, tanh after every layer but the last. */
export function forward(layers: readonly Layer[], features: readonly number[]): number[] {
  let signal: readonly number[] = features;
  layers.forEach(({ weights, biases }, depth) => {
    const next = biases.map((bias, j) =>
      weights.reduce((sum, row, i) => sum + (signal[i] as number) * (row[j] as number), bias),
    );
    signal = depth + 1 < layers.length ? next.map(Math.tanh) : next;
  });
  return [...signal];
}

/** log softmax, `[A]`. */
export function logProbabilities(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
  return logits.map((logit) => logit - highest - total);
}

/** Entropy of the distribution of these log-probabilities, in nats. */
export function entropy(logged: readonly number[]): number {
  return -logged.reduce((sum, each) => sum + (each === Number.NEGATIVE_INFINITY ? 0 : Math.exp(each) * each), 0);
}

/** Index of the largest entry, the first of equals. */
export function largest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > (values[best] as number) ? i : best), 0);
}

/** Logarithm of the density at `x` of a normal distribution. */
export function logDensity(
  x: number,
  { mean, logDeviation }: { readonly mean: number; readonly logDeviation: number },
): number {
  const standard = (x - mean) * Math.exp(-logDeviation);
  return -0.5 * standard * standard - logDeviation - 0.5 * Math.log(2 * Math.PI);
}

/** Entropy of a normal distribution, in nats. */
export function normalEntropy(logDeviation: number): number {
  return logDeviation + 0.5 * Math.log(2 * Math.PI * Math.E);
}

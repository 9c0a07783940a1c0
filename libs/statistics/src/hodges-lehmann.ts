import { normalQuantile } from "./normal-distribution.js";
import { exactUpTo, signedRankDistribution } from "./signed-rank-distribution.js";

export interface HodgesLehmann {
  readonly value: number;
  /** −Infinity when there are too few differences for the confidence asked for (fewer than 6 at 0.95). */
  readonly lower: number;
  readonly upper: number;
}

/**
 * Hodges and Lehmann's estimate of a paired effect, the median of the Walsh averages (xᵢ + xⱼ)/2, i ≤ j, of the differences
 * `[pair]`, with the interval of the shifts that the signed-rank test does not reject (exact up to 50 differences, normal above).
 * Pairs of opposite infinities average to 0. NaN when there is no difference.
 *
 * Hodges & Lehmann, "Estimates of location based on rank tests", 1963; Hollander, Wolfe & Chicken, "Nonparametric
 * Statistical Methods", 2014, section 3.3.
 */
export function hodgesLehmann(
  differences: readonly number[],
  { confidence }: { readonly confidence: number },
): HodgesLehmann {
  const walsh = walshAverages(differences);
  if (walsh.length === 0) return { value: Number.NaN, lower: Number.NaN, upper: Number.NaN };
  const middle = walsh.length / 2;
  const value = average(walsh[Math.ceil(middle) - 1] as number, walsh[Math.floor(middle)] as number);
  const index = lowerIndex(differences.length, (1 - confidence) / 2);
  return {
    value,
    lower: walsh[index] ?? Number.NEGATIVE_INFINITY,
    upper: walsh[walsh.length - 1 - index] ?? Number.POSITIVE_INFINITY,
  };
}

/** The n(n + 1)/2 averages, ascending. */
function walshAverages(differences: readonly number[]): Float64Array {
  const walsh = new Float64Array((differences.length * (differences.length + 1)) / 2);
  let next = 0;
  for (const [i, left] of differences.entries()) {
    for (const right of differences.slice(i)) walsh[next++] = average(left, right);
  }
  return walsh.sort();
}

function average(left: number, right: number): number {
  return left === right ? left : left === -right ? 0 : left / 2 + right / 2;
}

/**
 * Index of the interval's lower end among the ascending averages: k − 1, where k is the greatest with P(W⁺ ≤ k − 1) ≤ `tail`;
 * −1 when there is none.
 */
function lowerIndex(count: number, tail: number): number {
  if (count > exactUpTo) {
    const mean = (count * (count + 1)) / 4;
    const deviation = Math.sqrt((mean * (2 * count + 1)) / 6);
    return Math.max(0, Math.floor(mean + normalQuantile(tail) * deviation + 0.5)) - 1;
  }
  const chances = signedRankDistribution(Array.from({ length: count }, (_, i) => i + 1));
  let critical = 0;
  for (let below = chances[0] as number; below <= tail; below += chances[2 * critical] as number) critical++;
  return critical - 1;
}

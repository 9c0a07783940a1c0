import { normalCdf } from "./normal-distribution.js";
import { exactUpTo, signedRankDistribution } from "./signed-rank-distribution.js";

export interface WilcoxonTest {
  /** Sum of the ranks of the positive differences (W⁺). */
  readonly statistic: number;
  /** Differences other than 0. */
  readonly count: number;
  /** Two-sided. */
  readonly pValue: number;
}

/**
 * Wilcoxon's signed-rank test that paired differences `[pair]` are symmetric about 0. Zeros are left out, equal magnitudes share
 * their mean rank, ±Infinity ranks highest. Up to 50 differences the p-value is exact, ties included; above, normal with the
 * correction for ties and none for continuity.
 *
 *   p = min(1, 2 min(P(W⁺ ≤ w), P(W⁺ ≥ w)))
 *
 * Wilcoxon, "Individual comparisons by ranking methods", 1945.
 */
export function wilcoxonSignedRank(differences: readonly number[]): WilcoxonTest {
  const nonzero = differences.filter((difference) => difference !== 0);
  const ranks = midranks(nonzero.map(Math.abs));
  const statistic = ranks.reduce((sum, rank, i) => sum + ((nonzero[i] as number) > 0 ? rank : 0), 0);
  const count = nonzero.length;
  const pValue = count <= exactUpTo ? exactPValue(ranks, statistic) : normalPValue(ranks, statistic);
  return { statistic, count, pValue };
}

/** Rank from 1 of each of `values`; equal ones share the mean of theirs. */
function midranks(values: readonly number[]): number[] {
  const order = values.map((value, index) => ({ value, index })).sort((a, b) => (a.value < b.value ? -1 : 1));
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

function exactPValue(ranks: readonly number[], statistic: number): number {
  const chances = signedRankDistribution(ranks);
  const observed = Math.round(2 * statistic);
  const atMost = chances.subarray(0, observed + 1).reduce((sum, chance) => sum + chance, 0);
  const atLeast = chances.subarray(observed).reduce((sum, chance) => sum + chance, 0);
  return Math.min(1, 2 * Math.min(atMost, atLeast));
}

/** W⁺ has mean Σ rank / 2 and variance Σ rank² / 4, which holds the correction for ties. */
function normalPValue(ranks: readonly number[], statistic: number): number {
  const mean = ranks.reduce((sum, rank) => sum + rank, 0) / 2;
  const variance = ranks.reduce((sum, rank) => sum + rank * rank, 0) / 4;
  return Math.min(1, 2 * normalCdf(-Math.abs(statistic - mean) / Math.sqrt(variance)));
}

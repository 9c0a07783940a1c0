/**
 * Null distribution of the signed-rank statistic, given the (mid)ranks `[difference]`: the chance of each value of 2·W⁺, W⁺ the
 * sum of the ranks that get a plus by a fair coin. Entry k is P(2 W⁺ = k), k from 0 to 2·Σ ranks. Exact, ties included.
 */
export function signedRankDistribution(ranks: readonly number[]): Float64Array {
  const doubled = ranks.map((rank) => Math.round(2 * rank));
  const total = doubled.reduce((sum, rank) => sum + rank, 0);
  let chances = new Float64Array(total + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of doubled) {
    const next = new Float64Array(total + 1);
    for (let k = 0; k <= reached; k++) {
      const half = (chances[k] as number) / 2;
      next[k] = (next[k] as number) + half;
      next[k + rank] = (next[k + rank] as number) + half;
    }
    chances = next;
    reached += rank;
  }
  return chances;
}

/** Above this many differences the normal approximation is used in place of the exact distribution. */
export const exactUpTo = 50;

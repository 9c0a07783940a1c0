import { incompleteBeta } from "./incomplete-beta.js";

export interface SignTest {
  readonly negative: number;
  readonly positive: number;
  readonly zeros: number;
  /** Two-sided. */
  readonly pValue: number;
}

/**
 * Exact two-sided sign test that paired differences `[pair]` are as often negative as positive; zeros are counted and left out.
 * ±Infinity is a difference like any other.
 *
 *   p = min(1, 2 P(X ≤ min(negative, positive))),  X ~ Binomial(n, ½),  P(X ≤ k) = I_½(n − k, k + 1)
 */
export function signTest(differences: readonly number[]): SignTest {
  const negative = differences.filter((difference) => difference < 0).length;
  const positive = differences.filter((difference) => difference > 0).length;
  const n = negative + positive;
  const fewer = Math.min(negative, positive);
  const pValue = 2 * fewer >= n ? 1 : Math.min(1, 2 * incompleteBeta(0.5, n - fewer, fewer + 1));
  return { negative, positive, zeros: differences.length - n, pValue };
}

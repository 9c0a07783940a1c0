import { quantileOf } from "./quantile-of.js";

/**
 * P(Z ≤ x) for a standard normal Z, to about 1e-15 relative in the body and the tails.
 *
 * Body by Marsaglia's series Φ(x) = ½ + φ(x)(x + x³/3 + x⁵/(3·5) + …), tails by Laplace's continued fraction.
 * Marsaglia, "Evaluating the Normal Distribution", Journal of Statistical Software 11(4), 2004.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > 3) return 1 - upperTail(x);
  if (x < -3) return upperTail(-x);
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-18; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

/** The x with P(Z ≤ x) = `probability`, in (0, 1). */
export function normalQuantile(probability: number): number {
  return quantileOf(normalCdf, probability);
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))), evaluated from the inside; 200 levels suffice from x = 3 on. */
function upperTail(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  let fraction = x;
  for (let level = 200; level >= 1; level--) fraction = x + level / fraction;
  return density(x) / fraction;
}

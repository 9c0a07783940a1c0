/**
 * The x at which a continuous distribution, symmetric about 0, reaches `probability` in (0, 1), by bisection to the last bit.
 * Works in the lower tail, where the distribution function keeps its relative precision.
 */
export function quantileOf(cdf: (x: number) => number, probability: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`a quantile's probability must lie in (0, 1), got ${probability}`);
  }
  if (probability === 0.5) return 0;
  if (probability > 0.5) return -quantileOf(cdf, 1 - probability);
  let lower = -1;
  while (cdf(lower) > probability) lower *= 2;
  let upper = 0;
  for (;;) {
    const middle = lower + (upper - lower) / 2;
    if (middle <= lower || middle >= upper) return middle;
    if (cdf(middle) > probability) upper = middle;
    else lower = middle;
  }
}

/** The `share` (0 to 1) quantile of ascending, non-empty `sorted`, linear between order statistics (Hyndman & Fan's type 7). */
export function percentile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (position - below) * (high - low);
}

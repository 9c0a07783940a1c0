/**
 * Holm's step-down adjustment of a family of p-values `[hypothesis]`, in the order given: rejecting those ≤ α keeps the chance
 * of any false rejection at α.
 *
 *   p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1) p₍ⱼ₎)
 *
 * Holm, "A simple sequentially rejective multiple test procedure", 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((pValue, index) => ({ pValue, index })).sort((a, b) => a.pValue - b.pValue);
  const adjusted = new Array<number>(pValues.length);
  let running = 0;
  for (const [rank, { pValue, index }] of order.entries()) {
    running = Math.max(running, Math.min(1, (order.length - rank) * pValue));
    adjusted[index] = running;
  }
  return adjusted;
}

/** Throws RangeError unless `value` is an integer from `min` (0 if left out) to `max`. */
export function requireInteger(
  name: string,
  value: number,
  { min = 0, max }: { readonly min?: number; readonly max: number },
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} must be an integer from ${min} to ${max}, got ${String(value)}`);
}

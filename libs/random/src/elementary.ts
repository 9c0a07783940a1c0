/**
 * Logarithm, sine and cosine from additions, multiplications and divisions alone, which IEEE 754 fixes to the bit.
 * `Math.log` and its kin may differ between JavaScript engines and their versions; random numbers must not.
 */

const bits = new DataView(new ArrayBuffer(8));

/**
 * Natural logarithm of a normal double above 0.
 *
 *   ln(m 2^e) = e ln 2 + 2 artanh s,  s = (m − 1) / (m + 1),  m in [√½, √2),  2 artanh s = Σ 2 s^(2k + 1) / (2k + 1)
 */
export function log(x: number): number {
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let exponent = (high >>> 20) - 1022;
  bits.setUint32(0, (high & 0xfffff) | 0x3fe00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa < Math.SQRT1_2) {
    mantissa *= 2;
    exponent -= 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const y = s * s;
  // s is at most 0.172, so the terms left out are below 1e-18 of the sum.
  let sum = 2 / 21;
  sum = sum * y + 2 / 19;
  sum = sum * y + 2 / 17;
  sum = sum * y + 2 / 15;
  sum = sum * y + 2 / 13;
  sum = sum * y + 2 / 11;
  sum = sum * y + 2 / 9;
  sum = sum * y + 2 / 7;
  sum = sum * y + 2 / 5;
  sum = sum * y + 2 / 3;
  sum = sum * y + 2;
  return exponent * Math.LN2 + s * sum;
}

/** cos x for |x| ≤ π/4: Σ (−1)^k x^(2k) / (2k)!, k ≤ 8. */
export function smallCosine(x: number): number {
  const y = x * x;
  let sum = 1 / 20922789888000;
  sum = sum * y - 1 / 87178291200;
  sum = sum * y + 1 / 479001600;
  sum = sum * y - 1 / 3628800;
  sum = sum * y + 1 / 40320;
  sum = sum * y - 1 / 720;
  sum = sum * y + 1 / 24;
  sum = sum * y - 1 / 2;
  return sum * y + 1;
}

/** sin x for |x| ≤ π/4: Σ (−1)^k x^(2k + 1) / (2k + 1)!, k ≤ 8. */
export function smallSine(x: number): number {
  const y = x * x;
  let sum = 1 / 355687428096000;
  sum = sum * y - 1 / 1307674368000;
  sum = sum * y + 1 / 6227020800;
  sum = sum * y - 1 / 39916800;
  sum = sum * y + 1 / 362880;
  sum = sum * y - 1 / 5040;
  sum = sum * y + 1 / 120;
  sum = sum * y - 1 / 6;
  return sum * y * x + x;
}

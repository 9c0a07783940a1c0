import * as tf from "@tensorflow/tfjs-core";

/** The matrix is squared so often: the bound takes the trace of its 64th power. */
const squarings = 5;
const leastNorm = 1e-30;

/**
 * No less than the largest eigenvalue of symmetric positive semidefinite matrices `[K, r, r]`, and no more than r^(1/64) times it: `[K]`.
 *
 *   λmax(M) ≤ (tr M^p)^(1/p) ≤ r^(1/p) λmax(M),  p = 64,
 *
 * since the trace of a power is the sum of the powers of the eigenvalues. It needs no starting vector and no number of iterations that might not do;
 * where one eigenvalue stands out, as for factors ≥ 0, it is λmax to rounding. Powers are taken by squaring what was divided by its
 * Frobenius norm, φᵢ, whose square is the next trace: the result is Π φᵢ^(1/2^i). Matrices of zeros give 0.
 */
export function largestEigenvalueBound(matrices: tf.Tensor): tf.Tensor {
  let power = matrices;
  let bound: tf.Tensor | undefined;
  for (let i = 0; i <= squarings; i++) {
    const norm = tf.sqrt(tf.sum(tf.square(power), [1, 2], true));
    bound = bound === undefined ? norm : tf.mul(bound, tf.pow(norm, 2 ** -i));
    if (i === squarings) break;
    const scaled = tf.div(power, tf.maximum(norm, leastNorm));
    power = tf.matMul(scaled, scaled);
  }
  return tf.reshape(bound as tf.Tensor, [-1]);
}

import * as tf from "@tensorflow/tfjs-core";

/** Divisors and powers are taken of at least this. */
const tiny = 1e-30;
/** From a start within 15 % of y, four steps of Newton's reach the last digits of float32 also where w is a millionth of z; three do not. */
const newtonSteps = 4;

/** Coefficients of p(t) = d t³ − c t² + b t − 1, of one cubic a trial, `[K]` each; d ≥ 0, and p > 0 somewhere beyond 0. */
export interface Cubic {
  readonly b: tf.Tensor;
  readonly c: tf.Tensor;
  readonly d: tf.Tensor;
}

/**
 * The smallest positive root of each cubic, `[K]`. Stride's own derivation.
 *
 * Its inverse w is the largest root of g(w) = w³ − b w² + c w − d, whose leading coefficient is 1 whatever the others are. With Δ = b² − 3c and y the
 * distance of w from a place z, w = z ± y, the root solves y³ + κ y² + s y = |g(z)| with no coefficient below 0:
 *
 *   Δ < 0:  z = b / 3, the inflection of a g that rises everywhere, κ = 0, s = −Δ / 3; beyond z where g(z) ≤ 0, else before it;
 *   Δ ≥ 0:  κ = √Δ, s = 0; beyond z = (b + √Δ) / 3, the minimum of g, where g is ≤ 0 there, else before its maximum z = (b − √Δ) / 3.
 *
 * Each term alone would give y = A = ∛|g(z)|, √(|g(z)| / κ) = B or |g(z)| / s = C, and 1 / √(A⁻² + B⁻² + C⁻²) is near the y of both; from there Newton's steps on
 * g close in from one side, at a double root too.
 */
export function smallestRoot({ b, c, d }: Cubic): tf.Tensor {
  const g = (w: tf.Tensor) => tf.sub(tf.mul(tf.add(tf.mul(tf.sub(w, b), w), c), w), d);
  const twofold = tf.mul(2, b);
  const slope = (w: tf.Tensor) => tf.add(tf.mul(tf.sub(tf.mul(3, w), twofold), w), c);

  const discriminant = tf.sub(tf.square(b), tf.mul(3, c));
  const positive = tf.relu(discriminant);
  const radical = tf.sqrt(positive);
  const minimum = tf.mul(1 / 3, tf.add(b, radical));
  const beyond = tf.lessEqual(g(minimum), 0);
  const z = tf.where(beyond, minimum, tf.mul(1 / 3, tf.sub(b, radical)));

  const height = tf.maximum(tf.abs(g(z)), tiny);
  const inverseC = tf.div(tf.mul(1 / 3, tf.sub(positive, discriminant)), height);
  const inverseSquares = tf.add(tf.add(tf.pow(height, -2 / 3), tf.div(radical, height)), tf.square(inverseC));
  const y = tf.div(tf.where(beyond, tf.onesLike(z), tf.fill(z.shape, -1)), tf.sqrt(inverseSquares));

  // Rounding must not carry a step away where g is as good as flat: the root lies between z and z ± 2y.
  const start = tf.add(z, y);
  const far = tf.add(start, y);
  const [low, high] = [tf.minimum(far, z), tf.maximum(far, z)];
  let w: tf.Tensor = start;
  for (let i = 0; i < newtonSteps; i++) {
    w = tf.sub(w, tf.div(g(w), tf.maximum(slope(w), tiny)));
    w = tf.minimum(tf.maximum(w, low), high);
  }
  return tf.reciprocal(w);
}

import * as tf from "@tensorflow/tfjs-core";

/** Divisors are at least this: what is divided by less is unbounded anyway. */
const tiny = 1e-30;
/** From a start this near, four steps of Newton's reach the last digits of float32; three do not. */
const newtonSteps = 4;

/** Coefficients of p(t) = d t³ − c t² + b t − a, of one cubic a trial, `[K]` each; a > 0, d ≥ 0, and not all others 0. */
export interface Cubic {
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
  readonly c: tf.Tensor;
  readonly d: tf.Tensor;
}

/**
 * The smallest positive root of each cubic, `[K]`. Stride's own derivation.
 *
 * p is written around a place z such that, with y the distance from z, the root solves d y³ + κ y² + s y = |p(z)| with no coefficient below 0:
 *
 *   z = 0,             κ = −c,  s = b       where c ≤ 0 ≤ b: p rises and is convex from 0 on, and the root is z + y;
 *   z = c / 3d,        κ = 0,   s = p′(z)   where p rises everywhere, the inflection: before it where p(z) ≥ 0, else beyond;
 *   z = its maximum,   κ = √Δ,  s = 0       where p has one beyond 0 and is not below 0 there: z − y, Δ = c² − 3bd;
 *   z = its minimum,   κ = √Δ,  s = 0       else: z + y.
 *
 * y exceeds none of ∛(|p(z)| / d), √(|p(z)| / κ) and |p(z)| / s, and is at least a third of the least of them; from there Newton's steps on p
 * approach the root from one side, from below where it is before z, at a double root too.
 */
export function smallestRoot({ a, b, c, d }: Cubic): tf.Tensor {
  const p = (t: tf.Tensor) => tf.sub(tf.mul(tf.add(tf.mul(tf.sub(tf.mul(d, t), c), t), b), t), a);
  const threefold = tf.mul(3, d);
  const twofold = tf.mul(2, c);
  const slope = (t: tf.Tensor) => tf.add(tf.mul(tf.sub(tf.mul(threefold, t), twofold), t), b);

  const discriminant = tf.sub(tf.square(c), tf.mul(threefold, b));
  const radical = tf.sqrt(tf.relu(discriminant));
  const convex = tf.logicalAnd(tf.lessEqual(c, 0), tf.greaterEqual(b, 0));
  const monotone = tf.logicalOr(convex, tf.less(discriminant, 0));
  const inflection = tf.div(c, tf.maximum(threefold, tiny));
  const maximum = tf.div(b, tf.maximum(tf.add(c, radical), tiny));
  const minimum = tf.where(
    tf.greater(c, 0),
    tf.div(tf.add(c, radical), tf.maximum(threefold, tiny)),
    tf.div(tf.neg(b), tf.maximum(tf.sub(radical, c), tiny)),
  );
  const first = tf.where(convex, tf.zerosLike(a), tf.where(monotone, inflection, maximum));
  const reached = tf.logicalAnd(tf.greater(b, 0), tf.greaterEqual(p(first), 0));
  const z = tf.where(tf.logicalOr(monotone, reached), first, minimum);

  const height = tf.abs(p(z));
  const kappa = tf.where(convex, tf.neg(c), radical);
  const s = tf.where(convex, b, tf.div(tf.relu(tf.neg(discriminant)), tf.maximum(threefold, tiny)));
  const cubicAlone = tf.pow(tf.div(height, tf.maximum(d, tiny)), 1 / 3);
  const squareAlone = tf.sqrt(tf.div(height, tf.maximum(kappa, tiny)));
  const y = tf.minimum(cubicAlone, tf.minimum(squareAlone, tf.div(height, tf.maximum(s, tiny))));
  const start = tf.where(reached, tf.relu(tf.sub(z, y)), tf.add(z, y));

  // Rounding must not carry a step away where p is as good as flat: the root lies between start and z.
  const [low, high] = [tf.minimum(start, z), tf.maximum(start, z)];
  let t: tf.Tensor = start;
  for (let i = 0; i < newtonSteps; i++) {
    t = tf.sub(t, tf.div(p(t), tf.maximum(slope(t), tiny)));
    t = tf.minimum(tf.maximum(t, low), high);
  }
  return t;
}

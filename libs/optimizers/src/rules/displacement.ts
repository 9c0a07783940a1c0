import * as tf from "@tensorflow/tfjs-core";

/** One parameter, and what is kept of its way; all `[K, ...shape]`. */
export interface Displaced {
  readonly parameter: tf.Tensor;
  readonly initial: tf.Tensor;
  /** As the last step left it; then the parameter was initial + displacement, before the task's projection. */
  readonly displacement: tf.Tensor;
}

/**
 * x − x₀ of the parameter x as it is. A rule that starts with steps of 10⁻⁶ measures its way with one digit or two when it
 * subtracts x₀ from x, as both are rounded to 10⁻⁷; so the way is summed up for itself, and x is made from it. What a projection
 * changed since is added; without one that is exactly zero. On the 40 steps of fixtures/authors.py the subtraction puts DoG or
 * Prodigy up to 3 % off their float64 reference, and this below 10⁻⁵.
 */
export function displacementOf({ parameter, initial, displacement }: Displaced): tf.Tensor {
  return tf.add(displacement, tf.sub(parameter, tf.add(initial, displacement)));
}

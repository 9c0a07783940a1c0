import * as tf from "@tensorflow/tfjs-core";

const epsilon = 1e-5;

/**
 * Rows `[K, N, W]` of mean 0 over their deviation: layer normalisation without gain and shift.
 *
 *   y = x / s,  s = √(mean x² + ε),  ∂x = (∂y − y · mean(∂y ∘ y)) / s
 *
 * Ba, Kiros & Hinton, "Layer normalization", 2016 (arXiv:1607.06450). Their subtraction of the mean is linear, and done where a row comes
 * from (`centred`): in small tables and weights in place of long rows, forward and backward.
 */
export function normalised(x: tf.Tensor): tf.Tensor {
  const compute = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), 2, true), epsilon));
    const y = tf.mul(x, inverse);
    save([y, inverse]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [y, inverse] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(tf.sub(dy, tf.mul(y, tf.mean(tf.mul(dy, y), 2, true))), inverse);
      },
    };
  });
  return compute(x);
}

/** Weights `[K, in, W]` or a table whose rows have mean 0, so that all that they write does. */
export function centred(weights: tf.Tensor): tf.Tensor {
  return tf.sub(weights, tf.mean(weights, -1, true));
}

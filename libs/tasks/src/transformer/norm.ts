import * as tf from "@tensorflow/tfjs-core";

const epsilon = 1e-5;

/**
 * Rows of `[K, N, W]` over their length: layer normalisation of rows of mean 0, divided by √W, without gain and shift.
 *
 *   y = x / s,  s = √(Σ x² + W ε),  ∂x = (∂y − y · Σ(∂y ∘ y)) / s
 *
 * Ba, Kiros & Hinton, "Layer normalization", 2016 (arXiv:1607.06450). Their subtraction of the mean is linear, and done where a row comes
 * from (`centred`); √W and the gain go into the weights that follow (`afterNorm`). Both act on small weights in place of long rows.
 */
export function unitRows(x: tf.Tensor): tf.Tensor {
  const width = x.shape[2] as number;
  const compute = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const inverse = tf.rsqrt(tf.add(tf.sum(tf.square(x), 2, true), width * epsilon));
    const y = tf.mul(x, inverse);
    save([y, inverse]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [y, inverse] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(tf.sub(dy, tf.mul(y, tf.sum(tf.mul(dy, y), 2, true))), inverse);
      },
    };
  });
  return compute(x);
}

/** Rows less their mean: weights `[K, in, W]` or a table, so that all that they write has mean 0. */
export function centred(rows: tf.Tensor): tf.Tensor {
  return tf.sub(rows, tf.mean(rows, -1, true));
}

/** What multiplies unit rows as the gain `[K, W, 1]` and then the weights `[K, W, out]` do normalised ones. */
export function afterNorm(gain: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  const width = gain.shape[1] as number;
  return tf.mul(tf.mul(gain, Math.sqrt(width)), weights);
}

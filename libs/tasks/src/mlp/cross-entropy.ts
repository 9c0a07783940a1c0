import * as tf from "@tensorflow/tfjs-core";

/**
 * Mean over the batch of the softmax cross-entropy, `[K]`, of logits `[K, B, C]` with one-hot labels `[G, B, C]`, G = 1 or K.
 *
 *   loss = mean_b (log Σ_c exp z_c − Σ_c y_c z_c),  ∂loss/∂z = (softmax(z) − y) / B
 *
 * The gradient is written out: it shares its exponentials with the loss, which a derived one would not.
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const batchSize = logits.shape[1] as number;
  const compute = tf.customGrad((...inputs) => {
    const [z, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const shifted = tf.sub(z, tf.max(z, 2, true));
    const exponentials = tf.exp(shifted);
    const sums = tf.sum(exponentials, 2, true);
    const excess = tf.sub(tf.log(sums), tf.sum(tf.mul(labels, shifted), 2, true));
    save([exponentials, sums, labels]);
    return {
      value: tf.mean(excess, [1, 2]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [e, s, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        return tf.mul(tf.sub(tf.div(e, s), y), tf.reshape(tf.div(dy, batchSize), [-1, 1, 1]));
      },
    };
  });
  return compute(logits);
}

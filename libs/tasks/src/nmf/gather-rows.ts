import * as tf from "@tensorflow/tfjs-core";

/** Rows `indices` `[G, B]` of each trial's matrix `[K, N, r]`, as `[K, B, r]`: one gather from the matrices laid end to end. */
export function gatherRows(matrices: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const [cohort = 0, size = 0, rank = 0] = matrices.shape;
  const first = tf.tensor2d(
    Int32Array.from({ length: cohort }, (_, k) => k * size),
    [cohort, 1],
    "int32",
  );
  return tf.gather(tf.reshape(matrices, [cohort * size, rank]), tf.add(indices, first));
}

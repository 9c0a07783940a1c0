import * as tf from "@tensorflow/tfjs-core";

/**
 * Causal self-attention of windows `[K, B, T]`: `projected` `[K, B·T, 3·W]` holds queries, keys and values beside each other, each of
 * H heads of D = W / H, the queries divided by √D already; gives `[K, B·T, W]`.
 *
 *   O = P V,  P = softmax(Q Kᵀ + M),  M = −∞ above the diagonal
 *   ∂V = Pᵀ ∂O,  ∂S = P ∘ (∂O Vᵀ − rowsum(∂O ∘ O)),  ∂Q = ∂S K,  ∂K = ∂Sᵀ Q
 *
 * The gradient is written out: a row of P ∘ ∂P sums to that of O ∘ ∂O, which is shorter, and no sum of padded slices is left.
 * Vaswani et al., "Attention is all you need", 2017, eq. 1 (arXiv:1706.03762); Dao et al., "FlashAttention", 2022, appendix B.2.
 */
export function causalAttention(
  projected: tf.Tensor,
  { heads, context }: { readonly heads: number; readonly context: number },
): tf.Tensor {
  const [cohort, rows, tripled] = projected.shape as [number, number, number];
  const depth = tripled / 3 / heads;
  const windows = (cohort * rows) / context;
  const apart = (x: tf.Tensor, parts: number) =>
    tf.transpose(tf.reshape(x, [windows, context, parts, heads, depth]), [2, 0, 3, 1, 4]);
  const together = (x: tf.Tensor, parts: number) =>
    tf.reshape(tf.transpose(x, [1, 3, 0, 2, 4]), [cohort, rows, parts * heads * depth]);
  const one = (x: tf.Tensor) => tf.reshape(x, [windows, heads, context, depth]);

  const compute = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const [q, k, v] = tf.split(apart(x, 3), 3).map(one) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const weights = tf.softmax(tf.add(tf.matMul(q, k, false, true), causalMask(context)));
    const attended = tf.matMul(weights, v);
    save([q, k, v, weights, attended]);
    return {
      value: together(tf.expandDims(attended, 0), 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [q, k, v, weights, attended] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const d = one(apart(dy, 1));
        const mean = tf.sum(tf.mul(d, attended), 3, true);
        const scores = tf.mul(weights, tf.sub(tf.matMul(d, v, false, true), mean));
        const parts = [tf.matMul(scores, k), tf.matMul(scores, q, true), tf.matMul(weights, d, true)];
        return together(tf.stack(parts), 3);
      },
    };
  });
  return compute(projected);
}

/** `[T, T]`: 0 where the column is not after the row, −∞ elsewhere. */
function causalMask(context: number): tf.Tensor {
  const values = new Float32Array(context * context);
  for (let row = 0; row < context; row++)
    values.fill(Number.NEGATIVE_INFINITY, row * context + row + 1, (row + 1) * context);
  return tf.tensor2d(values, [context, context]);
}

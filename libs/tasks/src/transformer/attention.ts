import * as tf from "@tensorflow/tfjs-core";

export interface AttentionShape {
  /** H. */
  readonly heads: number;
  /** T. */
  readonly context: number;
}

/**
 * Causal self-attention of windows `[K, B, T]`: `projected` `[K, B·T, 3·W]` holds queries, keys and values beside each other, each of
 * H heads of D = W / H, the queries divided by √D already; gives `[K, B·T, W]`.
 *
 *   O = P V,  P = softmax(Q Kᵀ + M),  M = −∞ above the diagonal
 *   ∂S = P ∘ (∂O Vᵀ − rowsum(∂O ∘ O)),  ∂Q = ∂S K,  ∂Kᵀ = Qᵀ ∂S,  ∂Vᵀ = ∂Oᵀ P
 *
 * The gradient is written out: a row of P ∘ ∂P sums to that of O ∘ ∂O, which is shorter; and only T × D matrices are transposed, as
 * ONNX Runtime took 2 to 3 times as long for Pᵀ ∂O (`[64, 64]` and `[64, 16]`).
 * Vaswani et al., "Attention is all you need", 2017, eq. 1 (arXiv:1706.03762); Dao et al., "FlashAttention", 2022, appendix B.2.
 */
export function causalAttention(projected: tf.Tensor, { heads, context }: AttentionShape): tf.Tensor {
  const [cohort, rows, tripled] = projected.shape as [number, number, number];
  const width = tripled / 3;
  const depth = width / heads;
  const windows = (cohort * rows) / context;
  /** `[K, B·T, W]` as `[K·B, H, T, D]`. */
  const apart = (x: tf.Tensor) => tf.transpose(tf.reshape(x, [windows, context, heads, depth]), [0, 2, 1, 3]);
  /** And back, by the order of the axes that leads to `[K·B, T, H, D]`. */
  const together = (x: tf.Tensor, order: number[]) => tf.reshape(tf.transpose(x, order), [cohort, rows, width]);

  const compute = tf.customGrad((...inputs) => {
    const [x, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const [q, k, v] = tf.split(x, 3, 2).map(apart) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const weights = tf.softmax(tf.add(tf.matMul(q, k, false, true), causalMask(context)));
    const attended = tf.matMul(weights, v);
    save([q, k, v, weights, attended]);
    return {
      value: together(attended, [0, 2, 1, 3]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [q, k, v, weights, attended] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const d = apart(dy);
        const sums = tf.sum(tf.mul(d, attended), 3, true);
        const scores = tf.mul(weights, tf.sub(tf.matMul(d, v, false, true), sums));
        return tf.concat(
          [
            together(tf.matMul(scores, k), [0, 2, 1, 3]),
            together(tf.matMul(transposed(q), scores), [0, 3, 1, 2]),
            together(tf.matMul(transposed(d), weights), [0, 3, 1, 2]),
          ],
          2,
        );
      },
    };
  });
  return compute(projected);
}

const transposed = (x: tf.Tensor) => tf.transpose(x, [0, 1, 3, 2]);

/** `[T, T]`: 0 where the column is not after the row, −∞ elsewhere. */
function causalMask(context: number): tf.Tensor {
  const values = new Float32Array(context * context);
  for (let row = 0; row < context; row++) {
    values.fill(Number.NEGATIVE_INFINITY, row * context + row + 1, (row + 1) * context);
  }
  return tf.tensor2d(values, [context, context]);
}

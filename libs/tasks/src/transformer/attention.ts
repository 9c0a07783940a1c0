import * as tf from "@tensorflow/tfjs-core";

export interface AttentionShape {
  /** H. */
  readonly heads: number;
  /** T. */
  readonly context: number;
}

/** What multiplies rows: of all heads beside each other, each of D = W / H. */
export interface AttentionWeights {
  /** Queries, divided by √D already, keys and values, `[K, W, 3·W]`. */
  readonly projection: tf.Tensor;
  /** `[K, W, W]`. */
  readonly output: tf.Tensor;
}

/**
 * Causal self-attention of windows of T rows: `[K, B·T, W]` gives `[K, B·T, W]`.
 *
 *   Y = O W_O,  O = P V,  P = softmax(Q Kᵀ + M),  M = −∞ above the diagonal
 *   ∂S = P ∘ (∂O Vᵀ − rowsum(∂O ∘ O)),  ∂Q = ∂S K,  ∂Kᵀ = Qᵀ ∂S,  ∂Vᵀ = ∂Oᵀ P
 *
 * The gradient is written out: a row of P ∘ ∂P sums to that of O ∘ ∂O, which is shorter; and only T × D matrices are transposed, as
 * ONNX Runtime took 2 to 3 times as long for Pᵀ ∂O (`[64, 64]` and `[64, 16]`). Windows are multiplied with the weights of each head
 * apart: 0.35 ms in place of 0.30 with all at once, but to take the heads apart afterwards took 0.4 (16 windows of 64 rows, width 64,
 * one thread of a busy AMD EPYC).
 * Vaswani et al., "Attention is all you need", 2017, eq. 1 (arXiv:1706.03762); Dao et al., "FlashAttention", 2022, appendix B.2.
 */
export function causalAttention(
  rows: tf.Tensor,
  { projection, output }: AttentionWeights,
  { heads, context }: AttentionShape,
): tf.Tensor {
  const [cohort, count, width] = rows.shape as [number, number, number];
  const depth = width / heads;
  const shape = { cohort, batch: count / context, context, depth };
  /** `[K·B, H, …]` as `[K, B·T, W]`, by the order of the axes that leads to `[K·B, T, H, D]`. */
  const together = (x: tf.Tensor, order: number[]) => tf.reshape(tf.transpose(x, order), [cohort, count, width]);

  const compute = tf.customGrad((...inputs) => {
    const [x, projection, output, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const apart = tf.transpose(tf.reshape(projection, [cohort, width, 3 * heads, depth]), [0, 2, 1, 3]);
    const [q, k, v] = tf.split(apart, 3, 1).map((part) => headProducts(x, part, shape)) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const weights = tf.softmax(tf.add(tf.matMul(q, k, false, true), causalMask(context)));
    const attended = tf.matMul(weights, v);
    const joined = together(attended, [0, 2, 1, 3]);
    save([x, projection, output, q, k, v, weights, attended, joined]);
    return {
      value: tf.matMul(joined, output),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, projection, output, q, k, v, weights, attended, joined] = saved as SavedTensors;
        const outputs = tf.reshape(output, [cohort, heads, depth, width]);
        const d = headProducts(dy, transposed(outputs), shape);
        const sums = tf.sum(tf.mul(d, attended), 3, true);
        const scores = tf.mul(weights, tf.sub(tf.matMul(d, v, false, true), sums));
        const projected = tf.concat(
          [
            together(tf.matMul(scores, k), [0, 2, 1, 3]),
            together(tf.matMul(transposed(q), scores), [0, 3, 1, 2]),
            together(tf.matMul(transposed(d), weights), [0, 3, 1, 2]),
          ],
          2,
        );
        return [
          tf.matMul(projected, projection, false, true),
          tf.matMul(x, projected, true),
          tf.matMul(joined, dy, true),
        ];
      },
    };
  });
  return compute(rows, projection, output);
}

type SavedTensors = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

interface WindowShape {
  readonly cohort: number;
  readonly batch: number;
  readonly context: number;
  readonly depth: number;
}

/** Rows `[K, B·T, W]` times the weights of each head, `[K, heads, W, D]`: `[K·B, heads, T, D]`. */
function headProducts(rows: tf.Tensor, weights: tf.Tensor, { cohort, batch, context, depth }: WindowShape): tf.Tensor {
  const [, heads, width] = weights.shape as [number, number, number];
  // TensorFlow.js pairs broadcast matrices wrongly where both sides repeat; compiled, nothing is repeated.
  const windows = tf.tile(tf.reshape(rows, [cohort, batch, 1, context, width]), [1, 1, heads, 1, 1]);
  const repeated = tf.tile(tf.reshape(weights, [cohort, 1, heads, width, depth]), [1, batch, 1, 1, 1]);
  return tf.reshape(tf.matMul(windows, repeated), [cohort * batch, heads, context, depth]);
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

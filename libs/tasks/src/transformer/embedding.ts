import * as tf from "@tensorflow/tfjs-core";
import { transformerCharacters } from "./spec.js";

/**
 * Rows `[K, B·T, width]` of a table `[K, characters, width]` at windows, int32 `[G, B, T]`.
 *
 * They are looked up; their gradient is a product with one-hot rows. A sum of scattered rows would take less time, but a GPU adds them in
 * no fixed order, and equal runs would differ in their last bits.
 */
export function embedded(table: tf.Tensor, windows: tf.Tensor): tf.Tensor {
  const [cohort, count, width] = table.shape as [number, number, number];
  const [, batch, context] = windows.shape as [number, number, number];
  const firstRows = tf.tensor3d(
    Int32Array.from({ length: cohort }, (_, k) => k * count),
    [cohort, 1, 1],
    "int32",
  );
  const compute = tf.customGrad((...inputs) => {
    const [table, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
    const rows = tf.gather(tf.reshape(table, [cohort * count, width]), tf.add(windows, firstRows));
    save([windows]);
    return {
      value: tf.reshape(rows, [cohort, batch * context, width]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.matMul(oneHotRows(saved[0] as tf.Tensor), dy, true),
    };
  });
  return compute(table);
}

/** Float32 `[G, B·T, characters]` of numbers of characters, int32 `[G, B, T]`. */
export function oneHotRows(windows: tf.Tensor): tf.Tensor {
  const [groups, batch, context] = windows.shape as [number, number, number];
  // By way of whole numbers, as WebAssembly writes those alone.
  return tf.cast(tf.oneHot(tf.reshape(windows, [groups, batch * context]), transformerCharacters), "float32");
}

/** Rows `[K, B·T, width]`, each plus that of its position in `[K, T, width]`. */
export function withPositions(rows: tf.Tensor, positions: tf.Tensor): tf.Tensor {
  const [cohort, context, width] = positions.shape as [number, number, number];
  // A window as one row: the positions' gradient is then a sum of rows, which is a product.
  const windowRows = tf.reshape(rows, [cohort, -1, context * width]);
  return tf.reshape(tf.add(windowRows, tf.reshape(positions, [cohort, 1, context * width])), rows.shape);
}

import * as tf from "@tensorflow/tfjs-core";
import type { Pooling } from "./spec.js";

/**
 * How a convolution is pooled, between the patches of each position of a window and the result. All tensors of a list have one shape;
 * positions come row by row.
 */
export interface PoolingRule {
  /** What is multiplied with the filters, from the patches of each position. */
  operands(patches: readonly tf.Tensor[]): readonly tf.Tensor[];
  /** The pooled result, from the products of the operands. */
  pool(products: readonly tf.Tensor[]): tf.Tensor;
  /** The gradient of each product. */
  ofProducts(dy: tf.Tensor, products: readonly tf.Tensor[]): readonly tf.Tensor[];
  /** The gradient of each position's convolution, from those of the products. */
  ofPositions(gradients: readonly tf.Tensor[]): readonly tf.Tensor[];
}

/** The larger of two, and of equals the first, takes the gradient: so the first largest pixel of a window does. */
function shared(dy: tf.Tensor, a: tf.Tensor, b: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const second = tf.mul(dy, tf.step(tf.sub(b, a)));
  return [tf.sub(dy, second), second];
}

const itself = (tensors: readonly tf.Tensor[]) => tensors;
const first = ([only]: readonly tf.Tensor[]) => only as tf.Tensor;

export const poolingRules: Readonly<Record<Pooling, PoolingRule>> = {
  none: { operands: itself, pool: first, ofProducts: (dy) => [dy], ofPositions: itself },

  max: {
    operands: itself,
    pool: (products) => {
      const [a, b, c, d] = products as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      return tf.maximum(tf.maximum(a, b), tf.maximum(c, d));
    },
    ofProducts: (dy, products) => {
      const [a, b, c, d] = products as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const [upper, lower] = shared(dy, tf.maximum(a, b), tf.maximum(c, d));
      return [...shared(upper, a, b), ...shared(lower, c, d)];
    },
    ofPositions: itself,
  },

  // The average of convolved windows is the convolution of averaged windows: a quarter of the products.
  average: {
    operands: (patches) => [tf.mul(tf.addN([...patches]), 1 / patches.length)],
    pool: first,
    ofProducts: (dy) => [dy],
    ofPositions: ([gradient]) => {
      const share = tf.mul(gradient as tf.Tensor, 1 / 4);
      return [share, share, share, share];
    },
  },
};

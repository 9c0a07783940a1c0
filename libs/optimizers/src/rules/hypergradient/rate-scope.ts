import * as tf from "@tensorflow/tfjs-core";
import { perTrial } from "../../per-parameter.js";
import { innerProduct, norm } from "../whole-model.js";
import type { HypergradientSpec } from "./spec.js";

/** What shares a rate: the whole model, each parameter tensor, or each number. Takes one `[K, ...shape]` tensor a parameter. */
export interface RateScope {
  /** One number for each trial, or a tensor for each parameter, of its shape. */
  readonly keeps: "trial" | "parameter";
  /** ⟨a, b⟩ of what shares a rate: one `[K]`, or for each parameter a tensor that broadcasts to its shape. */
  innerProducts(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): readonly tf.Tensor[];
  /** ⟨a, b⟩ / (‖a‖ ‖b‖), in [−1, 1]; 0 where a norm is. */
  cosines(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): readonly tf.Tensor[];
}

export const rateScopes: Readonly<Record<HypergradientSpec["scope"], RateScope>> = {
  global: {
    keeps: "trial",
    innerProducts: (a, b) => [innerProduct(a, b)],
    cosines: (a, b) => [cosine(a, b)],
  },
  group: {
    keeps: "parameter",
    innerProducts: (a, b) => pairs(a, b).map(([x, y]) => perTrial(innerProduct([x], [y]), x.rank)),
    cosines: (a, b) => pairs(a, b).map(([x, y]) => perTrial(cosine([x], [y]), x.rank)),
  },
  parameter: {
    keeps: "parameter",
    innerProducts: (a, b) => pairs(a, b).map(([x, y]) => tf.mul(x, y)),
    cosines: (a, b) => pairs(a, b).map(([x, y]) => tf.mul(tf.sign(x), tf.sign(y))),
  },
};

function pairs(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): (readonly [tf.Tensor, tf.Tensor])[] {
  return a.map((tensor, i) => [tensor, b[i] as tf.Tensor]);
}

/** `[K]`. Divided by one norm after the other: their product may leave float32's range where they do not. */
function cosine(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): tf.Tensor {
  return tf.divNoNan(tf.divNoNan(innerProduct(a, b), norm(a)), norm(b));
}

import * as tf from "@tensorflow/tfjs-core";
import type { TakenRates } from "../optimizer.js";

/** The sum of all numbers of a model, a trial each: of tensors `[K, ...shape]`, `[K]`. */
export function total(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.addN(tensors.map((tensor) => tf.sum(tf.reshape(tensor, [tensor.shape[0] as number, -1]), 1)));
}

/** ⟨a, b⟩ over all numbers of a model: of tensors `[K, ...shape]`, `[K]`. */
export function innerProduct(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): tf.Tensor {
  return total(a.map((tensor, i) => tf.mul(tensor, b[i] as tf.Tensor)));
}

/** ‖a‖ over all numbers of a model, `[K]`. */
export function norm(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tf.sqrt(total(tensors.map((tensor) => tf.square(tensor))));
}

/** What a rule tells that takes one rate `[K]` for the whole model. */
export function oneRate(rate: tf.Tensor): TakenRates {
  return { mean: rate, lowest: rate, highest: rate };
}

import * as tf from "@tensorflow/tfjs-core";

/** 1 − βᵗ of t ≥ 1 updates, `[]`, for β in [0, 1), with all of its digits. */
export function unbiasing(beta: number, updates: tf.Tensor): tf.Tensor {
  return beta === 0 ? tf.scalar(1) : tf.neg(tf.expm1(tf.mul(Math.log(beta), updates)));
}

/** What Adam's bias corrections come to as a factor of the rate, √(1 − β₂ᵗ) / (1 − β₁ᵗ), `[]`. */
export function rateCorrection(beta1: number, beta2: number, updates: tf.Tensor): tf.Tensor {
  return tf.div(tf.sqrt(unbiasing(beta2, updates)), unbiasing(beta1, updates));
}

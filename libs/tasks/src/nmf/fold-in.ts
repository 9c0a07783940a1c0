import * as tf from "@tensorflow/tfjs-core";
import { sumOfSquares } from "./sum-of-squares.js";

/** Against division by zero; H is scaled to a largest entry of 1 first, so this is small beside what it is added to. */
const epsilon = 1e-12;
const leastScale = 1e-30;

/**
 * Relative squared error ‖V − W*H‖² / ‖V‖² of each trial, `[K]`, on rows V `[1, E, d]` that were never trained on, H `[K, r, d]` ≥ 0.
 * The rows' weights W* start at one and take `updates` multiplicative updates with H held fixed,
 *
 *   W ← W ∘ (V Hᵀ) / (W H Hᵀ),
 *
 * which never increase the error: Lee & Seung, "Algorithms for non-negative matrix factorization", 2001, theorem 1.
 * Finite for every finite H; the scale of H and the starting constant cancel out.
 */
export function foldInError(rows: tf.Tensor, h: tf.Tensor, updates: number): tf.Tensor {
  const scaled = tf.div(h, tf.maximum(tf.max(h, [1, 2], true), leastScale));
  const target = tf.matMul(rows, scaled, false, true);
  const gram = tf.matMul(scaled, scaled, false, true);
  let weights: tf.Tensor = tf.onesLike(target);
  for (let i = 0; i < updates; i++) {
    weights = tf.div(tf.mul(weights, target), tf.add(tf.matMul(weights, gram), epsilon));
  }
  const residual = tf.sub(tf.matMul(weights, scaled), rows);
  const error = sumOfSquares(residual);
  const total = tf.maximum(sumOfSquares(rows), leastScale);
  return tf.div(error, total);
}

import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "../optimizer.js";
import { perParameter } from "../per-parameter.js";
import type { AdamSpec, AdamwSpec } from "./spec.js";

/**
 * Adam, with PyTorch's place for ε:
 *
 *   m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  x ← x − η m̂ / (√v̂ + ε),  m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)
 *
 * Kingma & Ba, "Adam", 2015, algorithm 1 (arXiv:1412.6980). The slots keep m / (1 − β₁) and v / (1 − β₂), and the constant
 * factors go into the rate and ε, which are a number a trial: two products a parameter fewer.
 * AdamW first takes x ← x − η λ x: Loshchilov & Hutter, 2019, algorithm 2 (arXiv:1711.05101), scaled by η as in PyTorch.
 */
export function createAdam(spec: AdamSpec | AdamwSpec): Optimizer {
  const { beta1, beta2, epsilon } = spec;
  const weightDecay = spec.kind === "adamw" ? spec.weightDecay : 0;
  return perParameter({
    slots: ["mean", "variance"],
    update({ parameter, gradient, slots, learningRate, step }) {
      const [mean, variance] = slots as readonly [tf.Tensor, tf.Tensor];
      const updates = tf.add(step, 1);
      const rootCorrection = tf.sqrt(unbiasing(beta2, updates));
      const nextMean = tf.add(tf.mul(beta1, mean), gradient);
      const nextVariance = tf.add(tf.mul(beta2, variance), tf.square(gradient));
      const rate = tf.mul(
        learningRate,
        tf.mul((1 - beta1) / Math.sqrt(1 - beta2), tf.div(rootCorrection, unbiasing(beta1, updates))),
      );
      const guard = tf.mul(epsilon / Math.sqrt(1 - beta2), rootCorrection);
      const direction = tf.div(nextMean, tf.add(tf.sqrt(nextVariance), guard));
      const decayed = weightDecay === 0 ? parameter : tf.mul(parameter, tf.sub(1, tf.mul(weightDecay, learningRate)));
      return { parameter: tf.sub(decayed, tf.mul(rate, direction)), slots: [nextMean, nextVariance] };
    },
  });
}

/**
 * 1 − βᵗ = 2 h / (1 + h) with h = tanh(−t ln β / 2), `[]`. Early in training the plain difference of two numbers near one
 * loses half of float32's digits; this loses none.
 */
function unbiasing(beta: number, updates: tf.Tensor): tf.Tensor {
  if (beta === 0) return tf.scalar(1);
  const h = tf.tanh(tf.mul(-Math.log(beta) / 2, updates));
  return tf.div(tf.mul(2, h), tf.add(1, h));
}

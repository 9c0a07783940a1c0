import * as tf from "@tensorflow/tfjs-core";
import type { AdamSpec } from "../../adam/spec.js";
import type { SgdSpec } from "../../sgd/spec.js";
import { rateCorrection, unbiasing } from "../bias-correction.js";

/** What an optimizer steps along: x ← x − η u, where u depends on no rate. All tensors are `[K, ...shape]`, except as noted. */
export interface Direction {
  /** Zero before the first step. */
  readonly slots: readonly string[];
  /** The gradient of what is descended, with its weight decay. */
  descent(parameter: tf.Tensor, gradient: tf.Tensor): tf.Tensor;
  /** The next u, and what is kept for the one after. */
  next(given: DirectionInput): { readonly direction: tf.Tensor; readonly slots: readonly tf.Tensor[] };
}

export interface DirectionInput {
  /** With its weight decay. */
  readonly descent: tf.Tensor;
  /** One tensor a slot. */
  readonly slots: readonly tf.Tensor[];
  /** Updates taken before this one, a float32 scalar `[]`. */
  readonly step: tf.Tensor;
}

/** Of sgd.ts: u = d, or the velocity v, or Nesterov's d + μ v. */
export function sgdDirection({ momentum, nesterov, weightDecay }: SgdSpec): Direction {
  return {
    slots: momentum === 0 ? [] : ["velocity"],
    descent: (parameter, gradient) => (weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weightDecay, parameter))),
    next({ descent, slots: [velocity] }) {
      if (velocity === undefined) return { direction: descent, slots: [] };
      const next = tf.add(tf.mul(momentum, velocity), descent);
      return { direction: nesterov ? tf.add(descent, tf.mul(momentum, next)) : next, slots: [next] };
    },
  };
}

/** Of adam.ts: u = m̂ / (√v̂ + ε), in its units of m and v. */
export function adamDirection({ beta1, beta2, epsilon }: AdamSpec): Direction {
  const scale = 1 / Math.sqrt(1 - beta2);
  return {
    slots: ["mean", "variance"],
    descent: (_, gradient) => gradient,
    next({ descent, slots, step }) {
      const [mean, variance] = slots as readonly [tf.Tensor, tf.Tensor];
      const updates = tf.add(step, 1);
      const nextMean = tf.add(tf.mul(beta1, mean), descent);
      const nextVariance = tf.add(tf.mul(beta2, variance), tf.square(descent));
      const factor = tf.mul((1 - beta1) * scale, rateCorrection(beta1, beta2, updates));
      const guard = tf.mul(epsilon * scale, tf.sqrt(unbiasing(beta2, updates)));
      const direction = tf.mul(factor, tf.div(nextMean, tf.add(tf.sqrt(nextVariance), guard)));
      return { direction, slots: [nextMean, nextVariance] };
    },
  };
}

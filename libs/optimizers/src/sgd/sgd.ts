import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "../optimizer.js";
import { perParameter } from "../per-parameter.js";
import type { SgdSpec } from "./spec.js";

/**
 * Gradient descent with momentum μ and weight decay λ, in the form that PyTorch uses:
 *
 *   d = g + λ x;  v ← μ v + d;  x ← x − η v,  with Nesterov's momentum  x ← x − η (d + μ v)
 *
 * Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, with η outside the velocity.
 */
export function createSgd({ momentum, nesterov, weightDecay }: SgdSpec): Optimizer {
  return perParameter({
    slots: momentum === 0 ? [] : ["velocity"],
    update({ parameter, gradient, slots: [velocity], learningRate }) {
      const descent = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weightDecay, parameter));
      if (velocity === undefined) {
        return { parameter: tf.sub(parameter, tf.mul(learningRate, descent)), slots: [] };
      }
      const next = tf.add(tf.mul(momentum, velocity), descent);
      const direction = nesterov ? tf.add(descent, tf.mul(momentum, next)) : next;
      return { parameter: tf.sub(parameter, tf.mul(learningRate, direction)), slots: [next] };
    },
  });
}

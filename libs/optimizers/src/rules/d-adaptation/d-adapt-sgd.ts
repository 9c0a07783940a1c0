import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "../../optimizer.js";
import { perTrial } from "../../per-parameter.js";
import type { SgdSpec } from "../../sgd/spec.js";
import { innerProduct, norm, oneRate } from "../whole-model.js";
import { distanceAfter, distanceBefore } from "./distance.js";
import type { DAdaptationSpec } from "./spec.js";

type Triple = readonly [tf.Tensor, tf.Tensor, tf.Tensor];

/**
 * Gradient descent from x₀, with momentum μ and weight decay λ, at a rate λₜ from an estimate d of ‖x₀ − x*‖:
 *
 *   λₜ = η d / ‖g₀‖;  g ← g + λ x;  n ← n + λₜ ⟨g, s⟩;  s ← s + λₜ g;  d ← max(d, min(2 n / ‖s‖, growth · d))
 *   x ← μ x + (1 − μ) (x₀ − s)
 *
 * where the base learning rate η is a factor, usually 1. The rate told is (1 − μ) λₜ: what sgd with the same momentum calls its
 * learning rate. ‖g₀‖ is of the first gradient that is not zero, without weight decay; until then nothing moves.
 *
 * Defazio & Mishchenko, "Learning-rate-free learning by D-Adaptation", 2023 (arXiv:2301.07733), as DAdaptSGD of the authors'
 * package dadaptation has it.
 */
export function createDAdaptSgd(spec: DAdaptationSpec, { momentum, weightDecay }: SgdSpec): Optimizer {
  return {
    slots: [
      { name: "initial", initial: "parameter" },
      { name: "descent", initial: "zero" },
    ],
    trialSlots: ["distance", "numerator", "firstNorm"],
    choosesRates: true,
    update({ parameters, gradients, slots, trialSlots, learningRates }) {
      const [keptDistance, numerator, keptNorm] = trialSlots as Triple;
      const distance = distanceBefore(spec, keptDistance);
      const firstNorm = tf.where(tf.greater(keptNorm, 0), keptNorm, norm(gradients));
      const rate = tf.divNoNan(tf.mul(learningRates, distance), firstNorm);

      const steps = gradients.map((gradient, i) => {
        const parameter = parameters[i] as tf.Tensor;
        const whole = weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weightDecay, parameter));
        return tf.mul(perTrial(rate, parameter.rank), whole);
      });
      const descents = slots.map(([, descent]) => descent as tf.Tensor);
      const nextNumerator = tf.add(numerator, innerProduct(steps, descents));
      const nextDescents = descents.map((descent, i) => tf.add(descent, steps[i] as tf.Tensor));
      const estimate = tf.divNoNan(tf.mul(2, nextNumerator), norm(nextDescents));

      const initials = slots.map(([initial]) => initial as tf.Tensor);
      const targets = initials.map((initial, i) => tf.sub(initial, nextDescents[i] as tf.Tensor));
      return {
        parameters:
          momentum === 0
            ? targets
            : targets.map((target, i) => {
                const parameter = parameters[i] as tf.Tensor;
                return tf.add(parameter, tf.mul(1 - momentum, tf.sub(target, parameter)));
              }),
        slots: initials.map((initial, i) => [initial, nextDescents[i] as tf.Tensor]),
        trialSlots: [distanceAfter(spec, distance, estimate), nextNumerator, firstNorm],
        rates: oneRate(tf.mul(1 - momentum, rate)),
      };
    },
  };
}

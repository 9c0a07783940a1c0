import * as tf from "@tensorflow/tfjs-core";
import type { AdamSpec, AdamwSpec } from "../../adam/spec.js";
import type { Optimizer } from "../../optimizer.js";
import { perTrial } from "../../per-parameter.js";
import { rateCorrection } from "../bias-correction.js";
import { innerProduct, oneRate, total } from "../whole-model.js";
import { distanceAfter, distanceBefore } from "./distance.js";
import type { DAdaptationSpec } from "./spec.js";

type Triple = readonly [tf.Tensor, tf.Tensor, tf.Tensor];

/**
 * Adam at a rate λₜ from an estimate d of ‖x₀ − x*‖∞, with ς = √β₂:
 *
 *   λₜ = η d, times √(1 − β₂ᵗ) / (1 − β₁ᵗ) with bias correction
 *   n ← ς n + λₜ ⟨g, s / (√v + ε)⟩;  s ← ς s + λₜ g;  d ← max(d, min(n / ‖s‖₁, growth · d))
 *   m ← β₁ m + (1 − β₁) λₜ g;  v ← β₂ v + (1 − β₂) g²;  x ← x − m / (√v + ε)
 *
 * where the base learning rate η is a factor, usually 1, and λₜ is the rate told. AdamW first takes x ← x − λₜ λ x. The authors'
 * s and n are (1 − ς) and (1 − ς)² of these, which gives the same d; m and v are kept as in adam.ts.
 *
 * Defazio & Mishchenko, "Learning-rate-free learning by D-Adaptation", 2023 (arXiv:2301.07733), algorithm 5, as DAdaptAdam of
 * the authors' package dadaptation has it (decoupled for AdamW).
 */
export function createDAdaptAdam(spec: DAdaptationSpec, optimizer: AdamSpec | AdamwSpec): Optimizer {
  const { beta1, beta2, epsilon } = optimizer;
  const weightDecay = optimizer.kind === "adamw" ? optimizer.weightDecay : 0;
  const keep = Math.sqrt(beta2);
  const guard = epsilon / Math.sqrt(1 - beta2);
  // √v + ε, but for the factor √(1 − β₂).
  const denominator = (variance: tf.Tensor) => tf.add(tf.sqrt(variance), guard);
  const scale = 1 / Math.sqrt(1 - beta2);
  return {
    slots: [
      { name: "mean", initial: "zero" },
      { name: "variance", initial: "zero" },
      { name: "descent", initial: "zero" },
    ],
    trialSlots: ["distance", "numerator"],
    choosesRates: true,
    update({ parameters, gradients, slots, trialSlots, learningRates, step }) {
      const [keptDistance, numerator] = trialSlots as readonly [tf.Tensor, tf.Tensor];
      const distance = distanceBefore(spec, keptDistance);
      const factor = spec.biasCorrection ? rateCorrection(beta1, beta2, tf.add(step, 1)) : 1;
      const rate = tf.mul(tf.mul(learningRates, distance), factor);

      const steps = gradients.map((gradient) => tf.mul(perTrial(rate, gradient.rank), gradient));
      const scaled = (slots as readonly Triple[]).map(([, variance, descent]) =>
        tf.div(descent, denominator(variance)),
      );
      const gained = tf.mul(scale, innerProduct(steps, scaled));
      const nextNumerator = tf.add(tf.mul(keep, numerator), gained);
      const nextSlots = (slots as readonly Triple[]).map(([mean, variance, descent], i): Triple => {
        const own = steps[i] as tf.Tensor;
        return [
          tf.add(tf.mul(beta1, mean), own),
          tf.add(tf.mul(beta2, variance), tf.square(gradients[i] as tf.Tensor)),
          tf.add(tf.mul(keep, descent), own),
        ];
      });
      const estimate = tf.divNoNan(nextNumerator, total(nextSlots.map(([, , descent]) => tf.abs(descent))));

      return {
        parameters: nextSlots.map(([mean, variance], i) => {
          const parameter = parameters[i] as tf.Tensor;
          const decay = tf.mul(weightDecay, perTrial(rate, parameter.rank));
          const decayed = weightDecay === 0 ? parameter : tf.mul(parameter, tf.sub(1, decay));
          return tf.sub(decayed, tf.mul((1 - beta1) * scale, tf.div(mean, denominator(variance))));
        }),
        slots: nextSlots,
        trialSlots: [distanceAfter(spec, distance, estimate), nextNumerator],
        rates: oneRate(rate),
      };
    },
  };
}

import * as tf from "@tensorflow/tfjs-core";
import type { AdamSpec, AdamwSpec } from "../../adam/spec.js";
import type { Optimizer } from "../../optimizer.js";
import { perTrial } from "../../per-parameter.js";
import { rateCorrection } from "../bias-correction.js";
import type { GradientRuleOptions } from "../definition.js";
import { displacementOf } from "../displacement.js";
import { innerProduct, oneRate, total } from "../whole-model.js";
import type { ProdigySpec } from "./spec.js";

/** Of one parameter. */
interface Kept {
  readonly initial: tf.Tensor;
  readonly displacement: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly descent: tf.Tensor;
}

/**
 * Adam at a rate λₜ from an estimate d of the distance ‖x₀ − x*‖:
 *
 *   λₜ = η d, times √(1 − β₂ᵗ) / (1 − β₁ᵗ) with bias correction
 *   n ← β₃ n + d λₜ ⟨g, x₀ − x⟩;  s ← β₃ s + d λₜ g (d² g with the safeguard)
 *   m ← β₁ m + (1 − β₁) d g;  v ← β₂ v + (1 − β₂) d² g²;  d ← max(d, min(c n / ‖s‖₁, growth · d));  x ← x − λₜ m / (√v + d ε)
 *
 * where the base learning rate η is a factor, usually 1, and λₜ (of the d before) is the rate told. AdamW first takes
 * x ← x − λₜ λ x. All is kept in units of d₀, so that no square of a small d runs out of float32's range, m and v as in adam.ts.
 *
 * Mishchenko & Defazio, "Prodigy: an expeditiously adaptive parameter-free learner", 2024 (arXiv:2306.06101), algorithm 4, as the
 * authors' package prodigyopt has it: the first estimate above d₀ is taken before growth is limited, d may catch up with the
 * greatest estimate later, and with β₁ = 0 the step has the d after it, m = d g.
 */
export function createProdigy({ spec, optimizer }: GradientRuleOptions<ProdigySpec>): Optimizer {
  const { initialDistance, coefficient, biasCorrection, safeguardWarmup } = spec;
  const { beta1, beta2, epsilon } = optimizer as AdamSpec | AdamwSpec;
  const weightDecay = optimizer.kind === "adamw" ? optimizer.weightDecay : 0;
  const beta3 = spec.beta3 ?? Math.sqrt(beta2);
  const scale = 1 / Math.sqrt(1 - beta2);
  return {
    slots: [
      { name: "initial", initial: "parameter" },
      { name: "displacement", initial: "zero" },
      { name: "mean", initial: "zero" },
      { name: "variance", initial: "zero" },
      { name: "descent", initial: "zero" },
    ],
    trialSlots: ["distance", "greatestDistance", "numerator"],
    choosesRates: true,
    update({ parameters, gradients, slots, trialSlots, learningRates, step }) {
      const [keptDistance, keptGreatest, numerator] = trialSlots as readonly [tf.Tensor, tf.Tensor, tf.Tensor];
      const distance = tf.maximum(1, keptDistance);
      const factor = biasCorrection ? rateCorrection(beta1, beta2, tf.add(step, 1)) : 1;
      const rate = tf.mul(tf.mul(learningRates, distance), factor);
      const weight = tf.mul(distance, safeguardWarmup ? distance : rate);

      const before = parameters.map((parameter, i) => keptOf(parameter, slots[i] as readonly tf.Tensor[]));
      const gained = innerProduct(
        gradients,
        before.map(({ displacement }) => displacement),
      );
      const nextNumerator = tf.sub(tf.mul(beta3, numerator), tf.mul(tf.mul(distance, rate), gained));
      const after = before.map(({ mean, variance, descent, ...kept }, i): Kept => {
        const gradient = gradients[i] as tf.Tensor;
        const own = tf.mul(perTrial(distance, gradient.rank), gradient);
        return {
          ...kept,
          mean: tf.add(tf.mul(beta1, mean), own),
          variance: tf.add(tf.mul(beta2, variance), tf.square(own)),
          descent: tf.add(tf.mul(beta3, descent), tf.mul(perTrial(weight, gradient.rank), gradient)),
        };
      });
      const length = total(after.map(({ descent }) => tf.abs(descent)));
      const estimate = tf.mul(coefficient / initialDistance, tf.divNoNan(nextNumerator, length));
      const greatest = tf.maximum(tf.maximum(1, keptGreatest), estimate);
      const nextDistance = grown(spec, { distance, estimate, greatest });

      const told = tf.mul(initialDistance, rate);
      const guard = tf.mul(epsilon * scale, nextDistance);
      const moved = after.map(({ displacement, mean, variance, ...kept }, i): Kept => {
        const { rank } = mean;
        const along = beta1 === 0 ? tf.mul(perTrial(nextDistance, rank), gradients[i] as tf.Tensor) : mean;
        const direction = tf.div(along, tf.add(tf.sqrt(variance), perTrial(guard, rank)));
        const adam = tf.mul((1 - beta1) * scale, direction);
        const whole = weightDecay === 0 ? adam : tf.add(adam, tf.mul(weightDecay, parameters[i] as tf.Tensor));
        const next = tf.sub(displacement, tf.mul(perTrial(told, rank), whole));
        return { ...kept, displacement: next, mean, variance };
      });
      return {
        parameters: moved.map(({ initial, displacement }) => tf.add(initial, displacement)),
        slots: moved.map((kept) => [kept.initial, kept.displacement, kept.mean, kept.variance, kept.descent]),
        trialSlots: [nextDistance, greatest, nextNumerator],
        rates: oneRate(told),
      };
    },
  };
}

function keptOf(parameter: tf.Tensor, slots: readonly tf.Tensor[]): Kept {
  const [initial, displacement, mean, variance, descent] = slots as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  return { initial, displacement: displacementOf({ parameter, initial, displacement }), mean, variance, descent };
}

interface Estimates {
  readonly distance: tf.Tensor;
  readonly estimate: tf.Tensor;
  /** Of all estimates until now, and at least 1. */
  readonly greatest: tf.Tensor;
}

/** The next distance, `[K]`, in units of d₀. */
function grown({ growth }: ProdigySpec, { distance, estimate, greatest }: Estimates): tf.Tensor {
  if (growth === undefined) return greatest;
  const from = tf.where(tf.equal(distance, 1), tf.maximum(1, estimate), distance);
  return tf.minimum(greatest, tf.mul(growth, from));
}

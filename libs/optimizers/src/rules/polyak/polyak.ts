import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "../../optimizer.js";
import { perTrial } from "../../per-parameter.js";
import type { GradientRuleOptions } from "../definition.js";
import { oneRate, total } from "../whole-model.js";
import type { PolyakSpec } from "./spec.js";

/** Below this norm a gradient is taken for zero (the authors' code). */
const leastNorm = 1e-8;
/** Added to c ‖g‖², against division by 0 (the authors' code). */
const epsilon = 1e-8;

/**
 * Gradient descent at the rate that would bring a mini-batch's loss f down to its least f*, were it a parabola (c = ½) or a line
 * (c = 1) along the gradient:
 *
 *   ηₜ = min((f(xₜ) − f*) / (c ‖gₜ‖² + 10⁻⁸), capₜ),  x ← x − ηₜ g
 *
 * capₜ is growth^(1 / batches of an epoch) · ηₜ₋₁ when smooth, where the first cap is the base learning rate (the authors' code
 * grows it before its first step), and always the base learning rate when constant (SPS_max). A loss at f* or below it and a gradient of
 * zero give a step of rate 0. Such a step leaves a smooth cap where it was; in the authors' code it ends training, as no cap
 * grows from 0.
 *
 * Loizou, Vaswani, Laradji & Lacoste-Julien, "Stochastic Polyak step-size for SGD", 2021 (arXiv:2002.10542), SPS_max and the smoothing
 * of its experiments, as the authors' code has them, where the smooth one takes f* for 0.
 */
export function createPolyak({ spec, batchesPerEpoch }: GradientRuleOptions<PolyakSpec>): Optimizer {
  const { c, leastLoss, cap } = spec;
  const growthAStep = spec.growth ** (1 / batchesPerEpoch);
  return {
    slots: [],
    trialSlots: cap === "smooth" ? ["lastPositiveRate"] : [],
    choosesRates: true,
    update({ parameters, gradients, trialSlots: [last], losses, learningRates }) {
      const highest =
        last === undefined ? learningRates : tf.where(tf.greater(last, 0), tf.mul(growthAStep, last), learningRates);
      const squaredNorm = total(gradients.map((gradient) => tf.square(gradient)));
      const wanted = tf.div(tf.sub(losses, leastLoss), tf.add(tf.mul(c, squaredNorm), epsilon));
      const capped = tf.minimum(tf.maximum(wanted, 0), highest);
      const rate = tf.where(tf.less(squaredNorm, leastNorm ** 2), tf.zerosLike(capped), capped);
      return {
        parameters: parameters.map((parameter, i) =>
          tf.sub(parameter, tf.mul(perTrial(rate, parameter.rank), gradients[i] as tf.Tensor)),
        ),
        slots: parameters.map(() => []),
        trialSlots: last === undefined ? [] : [tf.where(tf.greater(rate, 0), rate, last)],
        rates: oneRate(rate),
      };
    },
  };
}

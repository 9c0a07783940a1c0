import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer, TakenRates } from "../../optimizer.js";
import { perTrial } from "../../per-parameter.js";
import type { OptimizerSpec } from "../../spec.js";
import type { GradientRuleOptions } from "../definition.js";
import { oneRate } from "../whole-model.js";
import { adamDirection, type Direction, sgdDirection } from "./direction.js";
import { type RateScope, rateScopes } from "./rate-scope.js";
import type { HypergradientSpec } from "./spec.js";

/**
 * Descends the loss in the learning rate too. With x ← x − ηₜ uₜ, where u is the optimizer's own direction, ∂f(xₜ)/∂η is
 * −⟨gₜ, uₜ₋₁⟩: the rate grows while the gradient agrees with the last step, and falls when the step went too far.
 *
 *   additive:        ηₜ = ηₜ₋₁ + β ⟨gₜ, uₜ₋₁⟩
 *   multiplicative:  ηₜ = ηₜ₋₁ (1 + β ⟨gₜ, uₜ₋₁⟩ / (‖gₜ‖ ‖uₜ₋₁‖))
 *
 * from the base learning rate η₀, which takes the first step. u is g (SGD-HD), the velocity or Nesterov's look-ahead (SGDN-HD), or
 * m̂ / (√v̂ + ε) (Adam-HD); g includes the weight decay of sgd. Products are over the whole model, over each parameter tensor, or
 * of each number by itself (Almeida et al., "Parameter adaptation in stochastic optimization", 1998).
 *
 * The additive β has a unit, rate over loss, so it must fit the loss: the defaults are those of the authors' code, while their
 * experiments take 10⁻³ for sgd and 10⁻⁷ and 10⁻⁸ for Adam. Its rate may become negative and climb, as in the authors' code. The
 * multiplicative β is a share, the same for every scale of the loss; its rate keeps its sign, and stays at 0 if it begins there.
 * No code of the authors has that form; its default is ours.
 *
 * Baydin, Cornish, Martínez Rubio, Schmidt & Wood, "Online learning rate adaptation with hypergradient descent", 2018
 * (arXiv:1703.04782). Their AdamHD gives a tensor the rate before later tensors have added to it; here all take the same.
 */
export function createHypergradient({ spec, optimizer }: GradientRuleOptions<HypergradientSpec>): Optimizer {
  const along = directionOf(optimizer);
  const scope = rateScopes[spec.scope];
  const change = changeOf(spec, optimizer, scope);
  const keepsOwn = scope.keeps === "parameter";
  return {
    slots: ["direction", ...along.slots, ...(keepsOwn ? ["change"] : [])].map((name) => ({ name, initial: "zero" })),
    trialSlots: keepsOwn ? [] : ["change"],
    choosesRates: true,
    update({ parameters, gradients, slots, trialSlots, learningRates, step }) {
      const descents = parameters.map((parameter, i) => along.descent(parameter, gradients[i] as tf.Tensor));
      const previous = slots.map(([direction]) => direction as tf.Tensor);
      const before = keepsOwn ? slots.map((own) => own.at(-1) as tf.Tensor) : trialSlots;
      const changes = change.next(before, descents, previous);
      const rates = changes.map((each) => change.rate(perTrial(learningRates, each.rank), each));
      const moved = parameters.map((parameter, i) => {
        const kept = (slots[i] as readonly tf.Tensor[]).slice(1, 1 + along.slots.length);
        const { direction, slots: next } = along.next({ descent: descents[i] as tf.Tensor, slots: kept, step });
        const rate = keepsOwn ? (rates[i] as tf.Tensor) : perTrial(rates[0] as tf.Tensor, parameter.rank);
        return {
          parameter: tf.sub(parameter, tf.mul(rate, direction)),
          slots: [direction, ...next, ...(keepsOwn ? [changes[i] as tf.Tensor] : [])],
        };
      });
      return {
        parameters: moved.map(({ parameter }) => parameter),
        slots: moved.map(({ slots: next }) => next),
        trialSlots: keepsOwn ? [] : changes,
        rates: keepsOwn
          ? takenRates(changes, (each) => change.rate(learningRates, each))
          : oneRate(rates[0] as tf.Tensor),
      };
    },
  };
}

function directionOf(optimizer: OptimizerSpec): Direction {
  switch (optimizer.kind) {
    case "sgd":
      return sgdDirection(optimizer);
    case "adam":
      return adamDirection(optimizer);
    case "adamw":
      throw new Error("hypergradient refuses adamw");
  }
}

/**
 * What is kept of each rate, zero before the first step: a sum of hypergradients, or the factor of the base rate less 1. Where
 * β ⟨g, u⟩ is below the rate's last digit in float32, as it is with the default β, adding it to the rate would lose it.
 */
interface Change {
  next(before: readonly tf.Tensor[], gradients: readonly tf.Tensor[], directions: readonly tf.Tensor[]): tf.Tensor[];
  /** Rises with the change, where the base rate is not negative. */
  rate(learningRate: tf.Tensor, change: tf.Tensor): tf.Tensor;
}

function changeOf({ update, beta }: HypergradientSpec, { kind }: OptimizerSpec, scope: RateScope): Change {
  if (update === "additive") {
    const rateOfRate = beta ?? (kind === "adam" ? 1e-8 : 1e-6);
    return {
      next(before, gradients, directions) {
        const agreements = scope.innerProducts(gradients, directions);
        return before.map((sum, i) => tf.add(sum, agreements[i] as tf.Tensor));
      },
      rate: (learningRate, sum) => tf.add(learningRate, tf.mul(rateOfRate, sum)),
    };
  }
  const share = beta ?? 0.02;
  return {
    next(before, gradients, directions) {
      const cosines = scope.cosines(gradients, directions);
      return before.map((growth, i) =>
        tf.add(growth, tf.mul(tf.add(1, growth), tf.mul(share, cosines[i] as tf.Tensor))),
      );
    },
    rate: (learningRate, growth) => tf.mul(learningRate, tf.add(1, growth)),
  };
}

/**
 * From changes of the parameters' shapes, `[K, ...shape]`. The mean rate is the rate of the mean change, which is summed from the
 * tensor's lowest one: a float32 sum of thousands of equal numbers is not their number times one.
 */
function takenRates(changes: readonly tf.Tensor[], rate: (change: tf.Tensor) => tf.Tensor): TakenRates {
  const flat = changes.map((change) => tf.reshape(change, [change.shape[0] as number, -1]));
  const numbers = flat.reduce((sum, { shape }) => sum + (shape[1] as number), 0);
  const lowest = flat.map((change) => tf.min(change, 1));
  const highest = flat.map((change) => tf.max(change, 1));
  const shares = flat.map((change, i) => {
    const least = lowest[i] as tf.Tensor;
    const mean = tf.add(least, tf.mean(tf.sub(change, perTrial(least, 2)), 1));
    return tf.mul((change.shape[1] as number) / numbers, mean);
  });
  return {
    mean: rate(tf.addN(shares)),
    lowest: rate(lowest.reduce((least, each) => tf.minimum(least, each))),
    highest: rate(highest.reduce((most, each) => tf.maximum(most, each))),
  };
}

import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer, Slot } from "../../optimizer.js";
import { perTrial } from "../../per-parameter.js";
import type { OptimizerSpec } from "../../spec.js";
import { unbiasing } from "../bias-correction.js";
import type { GradientRuleOptions } from "../definition.js";
import { oneRate } from "../whole-model.js";
import type { ScheduleFreeSpec } from "./spec.js";

const defaultBeta = 0.9;

/**
 * Descent z with an average x in place of a schedule; the trained parameters y lie between the two, and x is evaluated:
 *
 *   z ← z − γₜ d;  x ← (1 − cₜ) x + cₜ z;  y = (1 − β) z + β x;  cₜ = wₜ / Σᵢ≤ₜ wᵢ,  wₜ = tʳ γₜᵖ,  γₜ = η min(1, t / warmupSteps)
 *
 * with p = ratePower, r = averagingPower, t counted from 1, and d taken at y: g + λ y under sgd, g / (√v̂ + ε) + λ y under Adam
 * (its first moment gives way to the average) and AdamW. The base learning rate η is what the authors call lr, and γₜ is
 * the rate told. Only y and z are kept: x = y + (1 − 1/β) (z − y). As η is constant, 1/c is kept, by
 * 1/cₜ = 1 + (wₜ₋₁ / wₜ) / cₜ₋₁, which no rounding of a long sum holds up. A task's projection acts on y, not on z.
 *
 * Defazio et al., "The road less scheduled", 2024 (arXiv:2405.15682), as SGDScheduleFree and AdamWScheduleFree of the authors'
 * package schedulefree have it.
 */
export function createScheduleFree({ spec, optimizer }: GradientRuleOptions<ScheduleFreeSpec>): Optimizer {
  const beta = spec.beta ?? betaOf(optimizer);
  const direction = optimizer.kind === "sgd" ? sgdDirection() : adamDirection(optimizer);
  const weightDecay = optimizer.kind === "adam" ? 0 : optimizer.weightDecay;
  return {
    slots: [{ name: "descent", initial: "parameter" }, ...direction.slots],
    trialSlots: ["inverseShare"],
    choosesRates: true,
    update({ parameters, gradients, slots, trialSlots: [kept], learningRates, step }) {
      const inverseShare = tf.add(1, tf.mul(kept as tf.Tensor, weightRatio(spec, step)));
      const share = tf.reciprocal(inverseShare);
      const rate = spec.warmupSteps === 0 ? learningRates : tf.mul(learningRates, warmth(spec, tf.add(step, 1)));
      const towards = tf.mul(rate, tf.sub(tf.mul(beta, tf.sub(1, share)), 1));
      const results = parameters.map((y, i) => {
        const [z, variance] = slots[i] as readonly [tf.Tensor, tf.Tensor | undefined];
        const { along, next } = direction.at(gradients[i] as tf.Tensor, variance, step);
        const whole = weightDecay === 0 ? along : tf.add(along, tf.mul(weightDecay, y));
        const nearer = tf.add(y, tf.mul(perTrial(share, y.rank), tf.sub(z, y)));
        return {
          parameter: tf.add(nearer, tf.mul(perTrial(towards, y.rank), whole)),
          slots: [tf.sub(z, tf.mul(perTrial(rate, y.rank), whole)), ...next],
        };
      });
      return {
        parameters: results.map(({ parameter }) => parameter),
        slots: results.map(({ slots: next }) => next),
        trialSlots: [inverseShare],
        rates: oneRate(rate),
      };
    },
    evaluated: ({ parameters, slots }) =>
      parameters.map((y, i) => tf.add(y, tf.mul(1 - 1 / beta, tf.sub(slots[i]?.[0] as tf.Tensor, y)))),
  };
}

function betaOf(optimizer: OptimizerSpec): number {
  if (optimizer.kind !== "sgd") return optimizer.beta1;
  return optimizer.momentum === 0 ? defaultBeta : optimizer.momentum;
}

/** min(1, t / warmupSteps), `[]`. */
function warmth({ warmupSteps }: ScheduleFreeSpec, updates: tf.Tensor): tf.Tensor {
  return tf.minimum(1, tf.mul(1 / warmupSteps, updates));
}

/** wₜ₋₁ / wₜ, `[]` or 1, of t − 1 = `step`; 0 or 1 in the first step, where nothing is kept yet. */
function weightRatio(spec: ScheduleFreeSpec, step: tf.Tensor): tf.Tensor | number {
  const { averagingPower, ratePower, warmupSteps } = spec;
  const updates = tf.add(step, 1);
  const ofStep = averagingPower === 0 ? 1 : tf.pow(tf.div(step, updates), averagingPower);
  const rises = warmupSteps > 0 && ratePower > 0;
  return rises ? tf.mul(ofStep, tf.pow(tf.div(warmth(spec, step), warmth(spec, updates)), ratePower)) : ofStep;
}

/** Where a step goes, before weight decay. */
interface Direction {
  readonly slots: readonly Slot[];
  at(
    gradient: tf.Tensor,
    variance: tf.Tensor | undefined,
    step: tf.Tensor,
  ): {
    readonly along: tf.Tensor;
    /** The slots' next values. */
    readonly next: readonly tf.Tensor[];
  };
}

function sgdDirection(): Direction {
  return { slots: [], at: (gradient) => ({ along: gradient, next: [] }) };
}

/** The slot keeps v / (1 − β₂), as in adam.ts. */
function adamDirection({ beta2, epsilon }: Exclude<OptimizerSpec, { kind: "sgd" }>): Direction {
  return {
    slots: [{ name: "variance", initial: "zero" }],
    at(gradient, variance, step) {
      const next = tf.add(tf.mul(beta2, variance as tf.Tensor), tf.square(gradient));
      const unbiased = tf.mul(next, tf.div(1 - beta2, unbiasing(beta2, tf.add(step, 1))));
      return { along: tf.div(gradient, tf.add(tf.sqrt(unbiased), epsilon)), next: [next] };
    },
  };
}

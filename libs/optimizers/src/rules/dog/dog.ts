import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer, Slot, TakenRates, TrainedState } from "../../optimizer.js";
import { perTrial } from "../../per-parameter.js";
import type { SgdSpec } from "../../sgd/spec.js";
import type { GradientRuleOptions } from "../definition.js";
import { displacementOf } from "../displacement.js";
import { norm, oneRate, total } from "../whole-model.js";
import type { DogSpec } from "./spec.js";

/** What is known of parameters that share a rate, `[K]` each. */
interface Reach {
  /** The farthest they were from where they began, r̄. */
  readonly distance: tf.Tensor;
  /** Σ ‖g‖² until now. */
  readonly squares: tf.Tensor;
}

/**
 * Gradient descent whose rate is the distance gone over the gradients met:
 *
 *   ηₜ = η r̄ₜ / √(Σᵢ≤ₜ ‖gᵢ‖² + ε),  r̄ₜ = max(initialReach (1 + ‖x₀‖), maxᵢ≤ₜ ‖xᵢ − x₀‖),  x ← x − ηₜ g
 *
 * over the whole model, or for each parameter tensor by itself (LDoG), where g includes the weight decay. The base learning rate
 * η is a factor, usually 1 (c in the paper). Evaluated at an average of iterates that weighs late ones more (Shamir & Zhang,
 * 2013):
 *
 *   x̄ₜ = (1 − aₜ) x̄ₜ₋₁ + aₜ xₜ,  aₜ = (1 + γ) / (t + γ)
 *
 * where the last iterate enters when it is asked for, after the task's projection.
 *
 * Ivgi, Hinder & Carmon, "DoG is SGD's best friend", 2023 (arXiv:2302.12022), as the authors' package dog-optimizer has it.
 */
export function createDog({ spec, optimizer }: GradientRuleOptions<DogSpec>): Optimizer {
  const { weightDecay } = optimizer as SgdSpec;
  const averages = spec.evaluate === "average";
  const reaches = spec.scope === "global" ? globalReach : groupReaches;
  const averageSlot = 2 + reaches.slots.length;
  const updatesSlot = reaches.trialSlots.length;
  const averageNow = ({ parameters, slots, trialSlots }: TrainedState) => {
    const share = averageShare(spec, trialSlots[updatesSlot] as tf.Tensor);
    return parameters.map((parameter, i) => {
      const own = perTrial(share, parameter.rank);
      return tf.add(tf.mul(tf.sub(1, own), slots[i]?.[averageSlot] as tf.Tensor), tf.mul(own, parameter));
    });
  };
  return {
    slots: [
      { name: "initial", initial: "parameter" },
      { name: "displacement", initial: "zero" },
      ...reaches.slots,
      ...(averages ? [{ name: "average", initial: "parameter" } as const] : []),
    ],
    trialSlots: [...reaches.trialSlots, ...(averages ? ["updates"] : [])],
    choosesRates: true,
    update({ parameters, gradients, slots, trialSlots, learningRates }) {
      const initials = slots.map(([initial]) => initial as tf.Tensor);
      const displacements = parameters.map((parameter, i) =>
        displacementOf({ parameter, initial: initials[i] as tf.Tensor, displacement: slots[i]?.[1] as tf.Tensor }),
      );
      const whole = gradients.map((gradient, i) =>
        weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(weightDecay, parameters[i] as tf.Tensor)),
      );
      const kept = reaches.read({ parameters, slots, trialSlots });
      const next = kept.map((reach, block) => {
        const own = (all: readonly tf.Tensor[]) => (kept.length === 1 ? all : [all[block] as tf.Tensor]);
        return extended(spec, reach, own(initials), own(displacements), own(whole));
      });
      const rates = next.map(({ distance, squares }) =>
        tf.mul(learningRates, tf.div(distance, tf.sqrt(tf.add(squares, spec.epsilon)))),
      );
      const rateOf = (i: number) => (rates[i] ?? rates[0]) as tf.Tensor;
      const moved = displacements.map((displacement, i) =>
        tf.sub(displacement, tf.mul(perTrial(rateOf(i), displacement.rank), whole[i] as tf.Tensor)),
      );
      const average = averages ? averageNow({ parameters, slots, trialSlots }) : [];
      const written = reaches.write(next, parameters);
      return {
        parameters: initials.map((initial, i) => tf.add(initial, moved[i] as tf.Tensor)),
        slots: initials.map((initial, i) => [
          initial,
          moved[i] as tf.Tensor,
          ...(written.slots[i] ?? []),
          ...average.slice(i, i + 1),
        ]),
        trialSlots: [...written.trialSlots, ...trialSlots.slice(updatesSlot).map((updates) => tf.add(updates, 1))],
        rates: takenRates(rates, parameters),
      };
    },
    ...(averages ? { evaluated: averageNow } : {}),
  };
}

function extended(
  { initialReach }: DogSpec,
  { distance, squares }: Reach,
  initials: readonly tf.Tensor[],
  displacements: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
): Reach {
  const least = tf.mul(initialReach, tf.add(1, norm(initials)));
  return {
    distance: tf.maximum(tf.maximum(distance, least), norm(displacements)),
    squares: tf.add(squares, total(gradients.map((gradient) => tf.square(gradient)))),
  };
}

/** a of the last iterate after so many updates, `[K]`: 1 until there are two iterates to average. */
function averageShare({ averagingPower }: DogSpec, updates: tf.Tensor): tf.Tensor {
  return tf.div(1 + averagingPower, tf.add(tf.maximum(updates, 1), averagingPower));
}

/** Where the reaches are kept: one, or one for each parameter. */
interface Reaches {
  readonly slots: readonly Slot[];
  readonly trialSlots: readonly string[];
  read(state: TrainedState): readonly Reach[];
  write(reaches: readonly Reach[], parameters: readonly tf.Tensor[]): Pick<TrainedState, "slots" | "trialSlots">;
}

const globalReach: Reaches = {
  slots: [],
  trialSlots: ["distance", "squares"],
  read: ({ trialSlots }) => [{ distance: trialSlots[0] as tf.Tensor, squares: trialSlots[1] as tf.Tensor }],
  write: (reaches) => ({ slots: [], trialSlots: reaches.flatMap(({ distance, squares }) => [distance, squares]) }),
};

/** As a slot has its parameter's shape, each of these is one number a trial, repeated. */
const groupReaches: Reaches = {
  slots: [
    { name: "distance", initial: "zero" },
    { name: "squares", initial: "zero" },
  ],
  trialSlots: [],
  read: ({ slots }) =>
    slots.map((own) => ({ distance: firstOf(own[2] as tf.Tensor), squares: firstOf(own[3] as tf.Tensor) })),
  write: (reaches, parameters) => ({
    slots: parameters.map(({ shape, rank }, i) => {
      const { distance, squares } = reaches[i] as Reach;
      return [distance, squares].map((values) => tf.broadcastTo(perTrial(values, rank), shape));
    }),
    trialSlots: [],
  }),
};

/** The first number of each trial: of `[K, ...shape]`, `[K]`. */
function firstOf(tensor: tf.Tensor): tf.Tensor {
  const trials = tensor.shape[0] as number;
  return tf.reshape(tf.slice(tf.reshape(tensor, [trials, -1]), [0, 0], [trials, 1]), [trials]);
}

/** The mean is over all trained numbers. */
function takenRates(rates: readonly tf.Tensor[], parameters: readonly tf.Tensor[]): TakenRates {
  const [only] = rates as readonly [tf.Tensor];
  if (rates.length === 1) return oneRate(only);
  const sizes = parameters.map(({ size }) => size);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return {
    mean: tf.addN(rates.map((rate, i) => tf.mul((sizes[i] as number) / all, rate))),
    lowest: rates.reduce((lowest, rate) => tf.minimum(lowest, rate)),
    highest: rates.reduce((highest, rate) => tf.maximum(highest, rate)),
  };
}

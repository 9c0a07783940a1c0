import { reshape, type Tensor } from "@tensorflow/tfjs-core";
import type { Optimizer, Slot } from "./optimizer.js";

/** One parameter's update. All tensors are `[K, ...shape]`, except as noted. */
export interface ParameterUpdate {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  /** One tensor a slot. */
  readonly slots: readonly Tensor[];
  /** `[K, 1, ..., 1]`, of the parameter's rank. */
  readonly learningRate: Tensor;
  /** Updates taken before this one, a float32 scalar `[]`. */
  readonly step: Tensor;
}

export interface ParameterResult {
  readonly parameter: Tensor;
  readonly slots: readonly Tensor[];
}

export interface PerParameter {
  /** Zero before the first step. */
  readonly slots: readonly string[];
  update(input: ParameterUpdate): ParameterResult;
}

/** An optimizer that treats each parameter for itself, at the rate that it is given. */
export function perParameter({ slots, update }: PerParameter): Optimizer {
  return {
    slots: slots.map((name): Slot => ({ name, initial: "zero" })),
    trialSlots: [],
    choosesRates: false,
    update({ parameters, gradients, slots: kept, learningRates, step }) {
      const results = parameters.map((parameter, i) =>
        update({
          parameter,
          gradient: gradients[i] as Tensor,
          slots: kept[i] ?? [],
          learningRate: perTrial(learningRates, parameter.rank),
          step,
        }),
      );
      return {
        parameters: results.map(({ parameter }) => parameter),
        slots: results.map(({ slots: next }) => next),
        trialSlots: [],
      };
    },
  };
}

/** A number a trial `[K]` as `[K, 1, ..., 1]` of so many axes. */
export function perTrial(values: Tensor, rank: number): Tensor {
  return reshape(values, [-1, ...Array.from({ length: rank - 1 }, () => 1)]);
}

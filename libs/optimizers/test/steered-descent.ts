import * as tf from "@tensorflow/tfjs";
import { createSteeredOptimizer } from "../src/create-optimizer.js";
import type { Optimizer, TrainedState } from "../src/optimizer.js";
import type { GradientRuleSpec } from "../src/rules/spec.js";
import type { OptimizerSpec } from "../src/spec.js";

export interface SteeredDescent {
  readonly rule: GradientRuleSpec;
  readonly optimizer: OptimizerSpec;
  /** Of the parameters, without the cohort axis. */
  readonly shapes: readonly (readonly number[])[];
  /** All numbers of each trial, the first parameter's first: `[K][n]`. */
  readonly starts: readonly (readonly number[])[];
  /** `[K]`. */
  readonly learningRates: readonly number[];
  readonly steps: number;
  /** At positions `[K, n]`, of the step: `[K, n]`. */
  gradient(positions: tf.Tensor2D, step: number): tf.Tensor2D;
  /** At positions `[K, n]`: `[K]`, for rules that look at it; zero when left out. */
  loss?(positions: tf.Tensor2D): tf.Tensor1D;
  /** 1 when left out. */
  readonly batchesPerEpoch?: number;
  /** What a task's projection makes of a parameter. */
  project?(parameter: tf.Tensor): tf.Tensor;
}

/** What one step left and told. */
export interface SteeredStep {
  /** `[K][n]`. */
  readonly positions: readonly (readonly number[])[];
  /** Where the loss would be evaluated, `[K][n]`. */
  readonly evaluated: readonly (readonly number[])[];
  readonly gradients: readonly (readonly number[])[];
  /** `[K]` each. */
  readonly rates: { readonly mean: number[]; readonly lowest: number[]; readonly highest: number[] };
}

/** Descends a problem on the current backend, and tells every step. */
export function steeredDescent(options: SteeredDescent): SteeredStep[] {
  const { rule, optimizer: spec, shapes, starts, learningRates, steps, gradient, project = (x) => x } = options;
  const optimizer = createSteeredOptimizer({ optimizer: spec, rule, batchesPerEpoch: options.batchesPerEpoch ?? 1 });
  const trials = starts.length;
  const loss = options.loss ?? (() => tf.zeros([trials]));
  const sizes = shapes.map((shape) => tf.util.sizeFromShape([...shape]));
  const split = (flat: tf.Tensor2D) =>
    tf.split(flat, sizes, 1).map((part, i) => tf.reshape(part, [trials, ...(shapes[i] ?? [])]));
  const flat = (parts: readonly tf.Tensor[]) =>
    tf.concat(
      parts.map((part) => tf.reshape(part, [trials, -1])),
      1,
    ) as tf.Tensor2D;
  const rows = (tensor: tf.Tensor) => tensor.arraySync() as number[][];
  const numbers = (tensor: tf.Tensor) => [...tensor.dataSync()];

  const told: SteeredStep[] = [];
  tf.tidy(() => {
    let state = initialState(optimizer, split(tf.tensor2d(starts as number[][])));
    for (let step = 0; step < steps; step++) {
      const positions = flat(state.parameters);
      const gradients = gradient(positions, step);
      const { rates, ...next } = optimizer.update({
        ...state,
        gradients: split(gradients),
        losses: loss(positions),
        learningRates: tf.tensor1d([...learningRates]),
        step: tf.scalar(step),
      });
      if (rates === undefined) throw new Error(`${rule.kind} told no rates`);
      state = { ...next, parameters: next.parameters.map(project) };
      told.push({
        positions: rows(flat(state.parameters)),
        evaluated: rows(flat(optimizer.evaluated?.(state) ?? state.parameters)),
        gradients: rows(gradients),
        rates: { mean: numbers(rates.mean), lowest: numbers(rates.lowest), highest: numbers(rates.highest) },
      });
    }
  });
  return told;
}

/** What an optimizer carries before the first step. */
export function initialState(optimizer: Optimizer, parameters: readonly tf.Tensor[]): TrainedState {
  const trials = parameters[0]?.shape[0] as number;
  return {
    parameters,
    slots: parameters.map((each) =>
      optimizer.slots.map(({ initial }) => (initial === "zero" ? tf.zerosLike(each) : each)),
    ),
    trialSlots: optimizer.trialSlots.map(() => tf.zeros([trials])),
  };
}

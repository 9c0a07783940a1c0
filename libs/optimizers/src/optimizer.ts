import type { Tensor } from "@tensorflow/tfjs-core";

/** One parameter's update. All tensors are `[K, ...shape]`, except as noted. */
export interface UpdateInput {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  /** One tensor a slot, in the order of `Optimizer.slots`; all zero before the first step. */
  readonly slots: readonly Tensor[];
  /** `[K, 1, ..., 1]`, of the parameter's rank. */
  readonly learningRate: Tensor;
  /** Updates taken before this one, a float32 scalar `[]`. */
  readonly step: Tensor;
}

export interface UpdateResult {
  readonly parameter: Tensor;
  readonly slots: readonly Tensor[];
}

/** A gradient-based update, vectorised over the cohort, in plain TensorFlow.js operations that can be traced. */
export interface Optimizer {
  /** Names of the extra tensors kept for each parameter, each of the parameter's shape. */
  readonly slots: readonly string[];
  update(input: UpdateInput): UpdateResult;
}

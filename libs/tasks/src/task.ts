import type { Stream } from "@stride/random";
import type { Tensor } from "@tensorflow/tfjs-core";

/** One parameter of the model, without the leading cohort axis. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** One array of a data set: `values` is `[size, ...shape]`, row-major. */
export interface DataArray {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** Examples along the first axis; `size` 0 and no arrays for a task that has no data (a quadratic). */
export interface DataSet {
  readonly size: number;
  readonly arrays: readonly DataArray[];
}

/** One mini-batch as the loss sees it. */
export interface Batch {
  /** Rows of the data set, int32 `[G, B]`; G is K, or 1 when the whole cohort shares its batches. Absent for data-free tasks. */
  readonly indices?: Tensor;
  /** The gathered arrays by name, `[G, B, ...shape]`. */
  readonly arrays: Readonly<Record<string, Tensor>>;
}

/**
 * A problem to train, in plain TensorFlow.js operations that can be traced: no reading of values, no random operations.
 * Every parameter tensor has a leading cohort axis K, one slice a trial; slices never mix.
 */
export interface Task {
  readonly parameters: readonly ParameterShape[];
  /** Examples a step; 0 for a data-free task. */
  readonly batchSize: number;
  readonly training: DataSet;
  readonly evaluation: DataSet;
  /** Initial parameters of one trial, in the order of `parameters`: a function of the stream (hence the seed) alone. */
  init(random: Stream): Float32Array[];
  /** Training loss of each trial on a mini-batch, `[K]`. */
  loss(parameters: readonly Tensor[], batch: Batch): Tensor;
  /** Loss of each trial on the held-out data set (whole, as one batch with G = 1), `[K]`. */
  evaluate(parameters: readonly Tensor[], heldOut: Batch): Tensor;
  /** Projection after each update (NMF: onto ≥ 0); absent when unconstrained. */
  project?(parameters: readonly Tensor[]): Tensor[];
}

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

/** Random numbers that a training step draws anew, for dropout and the like. */
export interface Draw {
  readonly name: string;
  /** Of one group's numbers in one step. */
  readonly shape: readonly number[];
  /** Uniform in [0, 1), or standard normal. */
  readonly distribution: "uniform" | "normal";
}

/** Which arrays of the training data a noise may act on. */
export interface Perturbable {
  /** Classes to be told: float32 one-hot `[size, ..., classes]`, or int32 numbers of classes `[size, ...]`. */
  readonly labels?: { readonly array: string; readonly classes: number };
  /** A float32 array that the model sees. */
  readonly inputs?: string;
}

/** One step of plain gradient descent, whose rate a bound is asked for. All tensors have the leading cohort axis K. */
export interface DescentStep {
  /** "ray": all parameters move at once, along the step; "block": each parameter moves alone. */
  readonly kind: "ray" | "block";
  readonly parameters: readonly Tensor[];
  /** What the loss is taken on. */
  readonly batch: Batch;
  /** The exact gradient of that loss. */
  readonly gradients: readonly Tensor[];
  /** What is subtracted, times the rate: the gradients, or the gradients under a noise. */
  readonly direction: readonly Tensor[];
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
  /**
   * What a step draws: in `loss`, `batch.arrays` holds each by its name as float32 `[G, ...shape]`, a function of the seed and the step,
   * so that trials of one seed drop the same units. `evaluate` gets none.
   */
  readonly draws?: readonly Draw[];
  /** Left out: noise can act on neither labels nor inputs. */
  readonly perturbable?: Perturbable;
  /** Initial parameters of one trial, in the order of `parameters`: a function of the stream (hence the seed) alone. */
  init(random: Stream): Float32Array[];
  /** Training loss of each trial on a mini-batch, `[K]`. */
  loss(parameters: readonly Tensor[], batch: Batch): Tensor;
  /** Loss of each trial on the held-out data set (whole, as one batch with G = 1), `[K]`. */
  evaluate(parameters: readonly Tensor[], heldOut: Batch): Tensor;
  /** Projection after each update (NMF: onto ≥ 0); absent when unconstrained. */
  project?(parameters: readonly Tensor[]): Tensor[];
  /**
   * The largest rate of each trial `[K]` at which the step does not raise the mini-batch's loss; +Infinity where nothing bounds it, 0 where
   * the direction ascends. Absent when no bound is known.
   */
  stabilityBound?(step: DescentStep): Tensor;
}

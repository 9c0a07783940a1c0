import type { Optimizer } from "@stride/optimizers";
import type { Task } from "@stride/tasks";

export const executorNames = [
  "onnx-cpu",
  "onnx-webgpu",
  "tfjs-cpu",
  "tfjs-wasm",
  "tfjs-node",
  "tfjs-node-gpu",
] as const;
export type ExecutorName = (typeof executorNames)[number];

export interface ProgramOptions {
  readonly task: Task;
  readonly optimizer: Optimizer;
  /** K, the number of trials trained together. */
  readonly cohortSize: number;
  /** True when every trial of the cohort has the same seed, so that batches are gathered once: G = 1, else G = K. */
  readonly sharedBatches: boolean;
}

/** Steps to take with nothing to decide in between. T = `steps`. */
export interface Segment {
  /** T, at least 1. */
  readonly steps: number;
  /** Updates taken before this segment. */
  readonly firstStep: number;
  /** Rows of the training set, `[T, G, B]`; empty for a data-free task. */
  readonly indices: Int32Array;
  /** Learning rates, `[T, K]`. */
  readonly learningRates: Float32Array;
}

/**
 * The trained state of one cohort on one machine. Numbers, not tensors, cross this boundary.
 * Slices are independent: a non-finite trial never disturbs another.
 */
export interface Program extends AsyncDisposable {
  /** Sets the parameters, `[trial][parameter]` in the task's order, and zeroes the optimizer's slots. */
  load(parameters: readonly (readonly Float32Array[])[]): void;
  /** Takes T steps; returns the training loss before each update, `[T, K]`. */
  run(segment: Segment): Promise<Float32Array>;
  /** Held-out loss of each trial, `[K]`. */
  evaluate(): Promise<Float32Array>;
  /** The parameters now, `[trial][parameter]`. */
  parameters(): Promise<Float32Array[][]>;
  /** Loss `[K]` and gradients `[trial][parameter]` on one batch without an update: for contract tests and diagnostics. */
  gradients(indices: Int32Array): Promise<{ losses: Float32Array; gradients: Float32Array[][] }>;
}

/** Turns a task and an optimizer into a program that runs. */
export interface Executor extends AsyncDisposable {
  readonly name: ExecutorName;
  program(options: ProgramOptions): Promise<Program>;
}

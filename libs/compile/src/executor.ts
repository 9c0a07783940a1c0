import type { Optimizer } from "@stride/optimizers";
import type { Task } from "@stride/tasks";

export const executorNames = [
  "onnx-cpu",
  "onnx-webgpu",
  "onnx-cuda",
  "tfjs-cpu",
  "tfjs-wasm",
  "tfjs-node",
  "tfjs-node-gpu",
] as const;
export type ExecutorName = (typeof executorNames)[number];

/** Those that compute on a device which all processes of a machine share. */
export const deviceExecutors: readonly ExecutorName[] = ["onnx-webgpu", "onnx-cuda", "tfjs-node-gpu"];

/** Which noise a training is under; what it is drawn from is fed with each segment. */
export interface Perturbation {
  /** The loss is taken with other classes than the true ones. */
  readonly labels?: boolean;
  /** Numbers are added to the array that the model sees. */
  readonly inputs?: boolean;
  /** Numbers are added to the gradient: as they are, or times the root of its mean square. */
  readonly gradients?: "absolute" | "relative";
}

export interface ProgramOptions {
  readonly task: Task;
  readonly optimizer: Optimizer;
  /** K, the number of trials trained together. */
  readonly cohortSize: number;
  /** True when every trial of the cohort has the same seed, so that batches are gathered once: G = 1, else G = K. */
  readonly sharedBatches: boolean;
  /** Left out: none. */
  readonly perturbation?: Perturbation;
  /** What every step tells besides its loss; left out: nothing. */
  readonly watch?: Watch;
}

/** What a step computes for the rules that decide, or to hold a rate back. */
export interface Watch {
  /** The Euclidean norm of each trial's gradient, noise and all. */
  readonly gradientNorms?: boolean;
  /** The task's stability bound times `fraction`; `clip` holds the rate of each step to it. */
  readonly stability?: { readonly bound: "ray" | "block"; readonly fraction: number; readonly clip: boolean };
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
  /** What `stepInputs` of the program's options asks for, by name, each `[T, ...shape]`; may be left out where that is nothing. */
  readonly inputs?: Readonly<Record<string, Float32Array | Int32Array>>;
}

/** What a segment's steps told, all `[T, K]`. */
export interface SegmentResult {
  /** Training loss before each update, on the mini-batch as it is. */
  readonly losses: Float32Array;
  /** The loss that was minimised, where noise on labels or inputs makes another of it. */
  readonly noisyLosses?: Float32Array;
  /** The rates that were taken, where the optimizer chooses them: the mean over all trained numbers, least and greatest. */
  readonly rates?: { readonly mean: Float32Array; readonly lowest: Float32Array; readonly highest: Float32Array };
  /** Forward passes beyond the first of each step, where the optimizer makes any. */
  readonly extraPasses?: Int32Array;
  /** Where `watch` asks for them. */
  readonly gradientNorms?: Float32Array;
  /** The stability bound times its fraction, where `watch` asks for it; +Infinity where nothing bounds the step. */
  readonly bounds?: Float32Array;
}

/**
 * The trained state of one cohort on one machine. Numbers, not tensors, cross this boundary.
 * Slices are independent: a non-finite trial never disturbs another.
 */
export interface Program extends AsyncDisposable {
  /** Sets the parameters, `[trial][parameter]` in the task's order, and zeroes the optimizer's slots. */
  load(parameters: readonly (readonly Float32Array[])[]): void;
  /** Takes T steps. */
  run(segment: Segment): Promise<SegmentResult>;
  /** Held-out loss of each trial, `[K]`. */
  evaluate(): Promise<Float32Array>;
  /** The parameters now, `[trial][parameter]`. */
  parameters(): Promise<Float32Array[][]>;
  /**
   * Loss `[K]` and gradients `[trial][parameter]` on one batch without an update or a noise: for contract tests and diagnostics. A
   * task's draws are given in `inputs`, of one step each.
   */
  gradients(
    indices: Int32Array,
    inputs?: Segment["inputs"],
  ): Promise<{ losses: Float32Array; gradients: Float32Array[][] }>;
}

/** Turns a task and an optimizer into a program that runs. */
export interface Executor extends AsyncDisposable {
  readonly name: ExecutorName;
  program(options: ProgramOptions): Promise<Program>;
}

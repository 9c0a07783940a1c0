import type { Tensor } from "@tensorflow/tfjs-core";

/** A tensor kept for each parameter, of the parameter's shape. */
export interface Slot {
  readonly name: string;
  /** What it holds before the first step: zero, or the initial parameter. */
  readonly initial: "zero" | "parameter";
}

/** What an optimizer carries from step to step. All tensors have the leading cohort axis K. */
export interface TrainedState {
  /** `[K, ...shape]` each. */
  readonly parameters: readonly Tensor[];
  /** `[parameter][slot]`, each of its parameter's shape. */
  readonly slots: readonly (readonly Tensor[])[];
  /** `[K]` each. */
  readonly trialSlots: readonly Tensor[];
}

/** One update of a whole model. */
export interface UpdateInput extends TrainedState {
  /** Of the parameters, at the parameters. */
  readonly gradients: readonly Tensor[];
  /** The mini-batch's loss at the parameters, `[K]`. */
  readonly losses: Tensor;
  /** Base learning rates, or the schedule's, `[K]`. */
  readonly learningRates: Tensor;
  /** Updates taken before this one, a float32 scalar `[]`. */
  readonly step: Tensor;
}

/** The rates that a rule took in one step, `[K]` each: the mean over all trained numbers, the least and the greatest. */
export interface TakenRates {
  readonly mean: Tensor;
  readonly lowest: Tensor;
  readonly highest: Tensor;
}

export interface UpdateResult extends TrainedState {
  /** Given by optimizers with `choosesRates`, and by no other. */
  readonly rates?: TakenRates;
}

/**
 * An update of a whole model, vectorised over the cohort, in plain TensorFlow.js operations that can be traced: no reading of
 * values, no random operations, and trials never mix.
 */
export interface Optimizer {
  readonly slots: readonly Slot[];
  /** Names of the numbers kept for each trial; all zero before the first step. */
  readonly trialSlots: readonly string[];
  /** Whether it sets its own rates, and tells them. */
  readonly choosesRates: boolean;
  update(input: UpdateInput): UpdateResult;
  /** The parameters that are evaluated, where they are not the trained ones (an average of iterates). */
  evaluated?(state: TrainedState): readonly Tensor[];
  /** A rule that tries several rates a step: executors run it in place of `update`. */
  readonly search?: LineSearch;
}

/**
 * A search for each step's rate along −g. Before each step a rate is proposed; while it is refused the next is tried, on the same
 * mini-batch, and each try costs a forward pass.
 */
export interface LineSearch {
  /** The first rate to try, from where the step before goes on from (undefined: there was none) and the base learning rate. */
  propose(previous: number | undefined, learningRate: number): number;
  /** What follows from the loss at `rate`. */
  judge(trial: LineSearchTrial): LineSearchVerdict;
}

export interface LineSearchTrial {
  readonly rate: number;
  /** Tries before this one in this step. */
  readonly triesBefore: number;
  /** At the parameters x, and at x(rate), which is x − rate · g, projected where the task is constrained. */
  readonly loss: number;
  readonly lossAtRate: number;
  /** The fall that the gradient promises, ⟨g, x − x(rate)⟩; without a projection rate · ‖g‖². */
  readonly promised: number;
  /** Of the whole gradient: ‖g‖². */
  readonly squaredNorm: number;
}

export type LineSearchVerdict =
  /** The next step goes on from the rate taken, unless it is told another. */
  | { readonly kind: "take"; readonly rate: number; readonly goesOnFrom?: number }
  | { readonly kind: "try"; readonly rate: number };

/** Learning rate as a function of the step alone: `step` counts optimizer updates from 0. */
export type Schedule = (step: number) => number;

/** What a closed-loop rule may look at after a step. */
export interface Observation {
  /** The step just taken, counted from 0. */
  readonly step: number;
  /** The loss of that step's mini-batch as the scheduler sees it; may be non-finite when training diverged. */
  readonly trainingLoss: number;
  /** The latest evaluation on held-out data, if any; it is new when `evaluation.step === step + 1` (updates taken so far). */
  readonly evaluation?: { readonly step: number; readonly loss: number };
  /** Norm of that step's gradient, where the rule asks for it. */
  readonly gradientNorm?: number;
  /** The largest stable rate of that step, where the rule asks for it and the task has one; may be infinite. */
  readonly bound?: number;
}

/** State is plain JSON: no Infinity, no NaN, no undefined. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A rule that may also watch the training. Pure: `update` returns the next state.
 * `learningRate(init())` is the rate used at step 0; after the observation of step t, `learningRate(state)` is the rate of step t + 1.
 */
export interface Scheduler<State extends Json = Json> {
  init(): State;
  update(state: State, observation: Observation): State;
  learningRate(state: State): number;
}

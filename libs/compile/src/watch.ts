import { type Optimizer, total } from "@stride/optimizers";
import type { Batch, Task } from "@stride/tasks";
import type { Watch } from "./executor.js";
import { tf } from "./tensorflow.js";

/** Throws when the task has nothing of what is asked for. */
export function requireWatchable({ task, watch }: { readonly task: Task; readonly watch?: Watch }): void {
  if (watch?.stability !== undefined && task.stabilityBound === undefined) {
    throw new RangeError("this task has no stability bound that could be watched");
  }
}

/** What asks for the same has the same key; what asks for nothing has that of no watch. */
export function watchKey({ gradientNorms = false, stability }: Watch = {}): string {
  const { bound, fraction, clip } = stability ?? {};
  return JSON.stringify([gradientNorms, bound, fraction, clip]);
}

/** What a watch tells of a step, `[K]` each. */
export interface Watched {
  readonly gradientNorms?: tf.Tensor;
  readonly bounds?: tf.Tensor;
}

export interface WatchedStep {
  readonly parameters: readonly tf.Tensor[];
  /** What the minimised loss was taken on. */
  readonly minimisedOn: Batch;
  readonly exactGradients: readonly tf.Tensor[];
  /** Noise and all. */
  readonly gradients: readonly tf.Tensor[];
}

export function watched(
  { task, watch = {} }: { readonly task: Task; readonly watch?: Watch },
  step: WatchedStep,
): Watched {
  const { gradientNorms, stability } = watch;
  const { parameters, minimisedOn, exactGradients, gradients } = step;
  const bound =
    stability === undefined
      ? undefined
      : task.stabilityBound?.({
          kind: stability.bound,
          parameters,
          batch: minimisedOn,
          gradients: exactGradients,
          direction: gradients,
        });
  return {
    ...(gradientNorms === true
      ? { gradientNorms: tf.sqrt(total(gradients.map((gradient) => tf.square(gradient)))) }
      : {}),
    ...(bound === undefined || stability === undefined
      ? {}
      : { bounds: stability.fraction === 1 ? bound : tf.mul(stability.fraction, bound) }),
  };
}

/** The rates that a step is given, held to its bounds where the watch clips; a bound that is no number holds nothing. */
export function heldRates(watch: Watch | undefined, learningRates: tf.Tensor, { bounds }: Watched): tf.Tensor {
  if (watch?.stability?.clip !== true || bounds === undefined) return learningRates;
  return tf.where(tf.less(bounds, learningRates), bounds, learningRates);
}

/** Whether a program tells which rates it took because a watch may have changed them. */
export function tellsHeldRates({
  optimizer,
  watch,
}: {
  readonly optimizer: Optimizer;
  readonly watch?: Watch;
}): boolean {
  return watch?.stability?.clip === true && !optimizer.choosesRates;
}

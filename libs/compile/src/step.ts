import type { Optimizer } from "@stride/optimizers";
import type { Batch, Task } from "@stride/tasks";
import { tf } from "./tensorflow.js";

/** What one update reads; every parameter and slot is `[K, ...shape]`. */
export interface StepInput {
  readonly parameters: readonly tf.Tensor[];
  /** `[parameter][slot]`. */
  readonly slots: readonly (readonly tf.Tensor[])[];
  readonly batch: Batch;
  /** `[K]`. */
  readonly learningRates: tf.Tensor;
  /** Updates taken before, float32 `[]`. */
  readonly step: tf.Tensor;
}

/** Loss `[K]` before the update, and everything an update writes. */
export interface StepOutput {
  readonly losses: tf.Tensor;
  readonly parameters: readonly tf.Tensor[];
  readonly slots: readonly (readonly tf.Tensor[])[];
}

/** The loss of each trial `[K]` and the gradient of each parameter; slices are independent, so the sum's gradient is theirs. */
export function lossAndGradients(task: Task, parameters: readonly tf.Tensor[], batch: Batch) {
  const loss = (...given: tf.Tensor[]) => requirePerTrial("loss()", task.loss(given, batch), given);
  const { value, grads } = tf.valueAndGrads(loss)([...parameters]);
  return { losses: value, gradients: grads };
}

/** The held-out loss of each trial `[K]`. */
export function heldOutLosses(task: Task, parameters: readonly tf.Tensor[], heldOut: Batch): tf.Tensor {
  return requirePerTrial("evaluate()", task.evaluate(parameters, heldOut), parameters);
}

/** What else is returned would be read as the losses of other trials. */
function requirePerTrial(name: string, losses: tf.Tensor, parameters: readonly tf.Tensor[]): tf.Tensor {
  const trials = parameters[0]?.shape[0];
  const fits = !(losses instanceof tf.Tensor) || (losses.rank === 1 && losses.shape[0] === trials);
  if (!fits) throw new RangeError(`${name} must give one number a trial, [${trials}], and gave [${losses.shape}]`);
  return losses;
}

/** One whole training step in plain TensorFlow.js: loss, gradients, update, projection. */
export function trainingStep(task: Task, optimizer: Optimizer, input: StepInput): StepOutput {
  const { losses, gradients } = lossAndGradients(task, input.parameters, input.batch);
  const updates = input.parameters.map((parameter, i) =>
    optimizer.update({
      parameter,
      gradient: gradients[i] as tf.Tensor,
      slots: input.slots[i] ?? [],
      learningRate: tf.reshape(input.learningRates, [-1, ...parameter.shape.slice(1).map(() => 1)]),
      step: input.step,
    }),
  );
  const updated = updates.map(({ parameter }) => parameter);
  const projected = task.project === undefined ? updated : task.project(updated);
  input.parameters.forEach(({ shape }, i) => {
    requireShape(`parameter ${task.parameters[i]?.name}`, projected[i], shape);
    optimizer.slots.forEach((slot, j) => {
      requireShape(`slot ${slot} of parameter ${task.parameters[i]?.name}`, updates[i]?.slots[j], shape);
    });
  });
  return { losses, parameters: projected, slots: updates.map(({ slots }) => slots) };
}

function requireShape(name: string, updated: tf.Tensor | undefined, shape: readonly number[]): void {
  const same = updated !== undefined && tf.util.arraysEqual(updated.shape, [...shape]);
  if (!same)
    throw new RangeError(`an update must leave ${name} as [${shape}], and left ${updated?.shape ?? "nothing"}`);
}

/** The rows `indices` `[G, B]` of a data set whose arrays are `[size, ...shape]`. */
export function gatherBatch(arrays: Readonly<Record<string, tf.Tensor>>, indices: tf.Tensor): Batch {
  const rows = indices.toInt();
  const gathered = Object.entries(arrays).map(([name, array]) => [name, tf.gather(array, rows)] as const);
  return { indices: rows, arrays: Object.fromEntries(gathered) };
}

/** A whole data set as one batch that all trials share, G = 1. */
export function wholeBatch(arrays: Readonly<Record<string, tf.Tensor>>, indices: tf.Tensor): Batch {
  const whole = Object.entries(arrays).map(([name, array]) => [name, tf.expandDims(array, 0)] as const);
  return { indices, arrays: Object.fromEntries(whole) };
}

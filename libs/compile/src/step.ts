import { type Optimizer, perTrial, type TakenRates, type TrainedState, total } from "@stride/optimizers";
import type { Batch, Task } from "@stride/tasks";
import type { Perturbation, Watch } from "./executor.js";
import { drawInput, inputArray, labelArray, noiseInputs } from "./step-inputs.js";
import { tf } from "./tensorflow.js";
import { heldRates, tellsHeldRates, type Watched, watched } from "./watch.js";

type Arrays = Readonly<Record<string, tf.Tensor>>;

/** What the loss of one step is taken on. */
export interface StepData {
  /** The mini-batch as it is. */
  readonly batch: Batch;
  /** The arrays that `stepInputs` declares, by name. */
  readonly inputs: Arrays;
}

/** What one update reads. */
export interface StepInputs extends TrainedState, StepData {
  /** `[K]`. */
  readonly learningRates: tf.Tensor;
  /** Updates taken before, float32 `[]`. */
  readonly step: tf.Tensor;
}

/** Everything an update writes, and what it tells, `[K]` each. */
export interface StepOutput extends TrainedState, Watched {
  /** Loss before the update, without noise. */
  readonly losses: tf.Tensor;
  readonly noisyLosses?: tf.Tensor;
  readonly rates?: TakenRates;
}

/** What a step is made of. */
export interface StepOptions {
  readonly task: Task;
  readonly optimizer: Optimizer;
  readonly perturbation?: Perturbation;
  readonly watch?: Watch;
}

/** The loss of each trial `[K]` and the gradient of each parameter; slices are independent, so the sum's gradient is theirs. */
export function lossAndGradients(task: Task, parameters: readonly tf.Tensor[], batch: Batch) {
  const loss = (...given: tf.Tensor[]) => requirePerTrial("loss()", task.loss(given, batch), given);
  const { value, grads } = tf.valueAndGrads(loss)([...parameters]);
  return { losses: value, gradients: grads };
}

/** The loss that is minimised and its gradients, noise and all; beside it the loss without noise, where that is another. */
export function trainedLoss(
  { task, perturbation = {} }: StepOptions,
  parameters: readonly tf.Tensor[],
  data: StepData,
) {
  const clean = withDraws(task, data);
  const noisy = perturbed(task, perturbation, clean, data.inputs);
  const { losses, gradients } = lossAndGradients(task, parameters, noisy);
  return {
    losses: noisy === clean ? losses : task.loss(parameters, clean),
    noisyLosses: noisy === clean ? undefined : losses,
    minimised: losses,
    minimisedOn: noisy,
    exactGradients: gradients,
    gradients: noisyGradients(perturbation, gradients, data.inputs),
  };
}

/** The loss of each trial `[K]` that a step minimises, at other parameters than its own. */
export function minimisedLoss(
  { task, perturbation = {} }: StepOptions,
  parameters: readonly tf.Tensor[],
  data: StepData,
) {
  return task.loss(parameters, perturbed(task, perturbation, withDraws(task, data), data.inputs));
}

function withDraws({ draws = [] }: Task, { batch, inputs }: StepData): Batch {
  if (draws.length === 0) return batch;
  const drawn = draws.map(({ name }) => [name, inputs[drawInput(name)] as tf.Tensor] as const);
  return { ...batch, arrays: { ...batch.arrays, ...Object.fromEntries(drawn) } };
}

/** The batch under noise; the same object when no noise acts on it. */
function perturbed(task: Task, { labels, inputs }: Perturbation, batch: Batch, given: Arrays): Batch {
  if (labels !== true && inputs !== true) return batch;
  const arrays = { ...batch.arrays };
  if (labels === true) {
    const { array, classes } = labelArray(task);
    const drawn = given[noiseInputs.labels] as tf.Tensor;
    // WebAssembly's one-hot of floats is wrong; that of whole numbers is right.
    arrays[array.name] = array.values instanceof Int32Array ? drawn : tf.cast(tf.oneHot(drawn, classes), "float32");
  }
  if (inputs === true) {
    const { name } = inputArray(task);
    arrays[name] = tf.add(arrays[name] as tf.Tensor, given[noiseInputs.inputs] as tf.Tensor);
  }
  return { ...batch, arrays };
}

function noisyGradients({ gradients: kind }: Perturbation, gradients: tf.Tensor[], given: Arrays): tf.Tensor[] {
  if (kind === undefined) return gradients;
  const noise = given[noiseInputs.gradients] as tf.Tensor;
  const [groups, numbers] = noise.shape as [number, number];
  const squares = () => total(gradients.map((gradient) => tf.square(gradient)));
  const scale = kind === "relative" ? tf.sqrt(tf.mul(1 / numbers, squares())) : undefined;
  let offset = 0;
  return gradients.map((gradient) => {
    const [, ...shape] = gradient.shape;
    const size = tf.util.sizeFromShape(shape);
    const own = tf.reshape(tf.slice(noise, [0, offset], [groups, size]), [groups, ...shape]);
    offset += size;
    return tf.add(gradient, scale === undefined ? own : tf.mul(perTrial(scale, gradient.rank), own));
  });
}

/** The held-out loss of each trial `[K]`, of the parameters that the optimizer stands for. */
export function heldOutLosses({ task, optimizer }: StepOptions, state: TrainedState, heldOut: Batch): tf.Tensor {
  const { evaluated } = optimizer;
  // An average of iterates, extrapolated, may have left what the task is constrained to.
  const parameters = evaluated === undefined ? state.parameters : projected(task, evaluated(state));
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
export function trainingStep(options: StepOptions, input: StepInputs): StepOutput {
  const { task, optimizer } = options;
  const trained = trainedLoss(options, input.parameters, input);
  const { losses, noisyLosses, minimised, gradients } = trained;
  const told = watched(options, { ...trained, parameters: input.parameters });
  const learningRates = heldRates(options.watch, input.learningRates, told);
  const {
    parameters: updated,
    slots,
    trialSlots,
    rates,
  } = optimizer.update({ ...input, learningRates, gradients, losses: minimised });
  const parameters = projected(task, updated);
  requireShapes(options, input, { parameters, slots, trialSlots });
  return {
    losses,
    ...(noisyLosses === undefined ? {} : { noisyLosses }),
    parameters,
    slots,
    trialSlots,
    ...told,
    ...(optimizer.choosesRates && rates !== undefined ? { rates } : {}),
    ...(tellsHeldRates(options)
      ? { rates: { mean: learningRates, lowest: learningRates, highest: learningRates } }
      : {}),
  };
}

/** Parameters after the task's projection. */
export function projected(task: Task, parameters: readonly tf.Tensor[]): readonly tf.Tensor[] {
  return task.project === undefined ? parameters : task.project(parameters);
}

function requireShapes(
  { task, optimizer }: StepOptions,
  { parameters, learningRates }: StepInputs,
  next: TrainedState,
): void {
  parameters.forEach(({ shape }, i) => {
    const name = `parameter ${task.parameters[i]?.name}`;
    requireShape(name, next.parameters[i], shape);
    optimizer.slots.forEach((slot, j) => {
      requireShape(`slot ${slot.name} of ${name}`, next.slots[i]?.[j], shape);
    });
  });
  optimizer.trialSlots.forEach((name, i) => {
    requireShape(`trial slot ${name}`, next.trialSlots[i], learningRates.shape);
  });
}

function requireShape(name: string, updated: tf.Tensor | undefined, shape: readonly number[]): void {
  const same = updated !== undefined && tf.util.arraysEqual(updated.shape, [...shape]);
  if (!same)
    throw new RangeError(`an update must leave ${name} as [${shape}], and left ${updated?.shape ?? "nothing"}`);
}

/** The rows `indices` `[G, B]` of a data set whose arrays are `[size, ...shape]`. */
export function gatherBatch(arrays: Arrays, indices: tf.Tensor): Batch {
  const rows = indices.toInt();
  const gathered = Object.entries(arrays).map(([name, array]) => [name, tf.gather(array, rows)] as const);
  return { indices: rows, arrays: Object.fromEntries(gathered) };
}

/** A whole data set as one batch that all trials share, G = 1. */
export function wholeBatch(arrays: Arrays, indices: tf.Tensor): Batch {
  const whole = Object.entries(arrays).map(([name, array]) => [name, tf.expandDims(array, 0)] as const);
  return { indices, arrays: Object.fromEntries(whole) };
}

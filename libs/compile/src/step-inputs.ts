import type { DataArray, Task } from "@stride/tasks";
import { sizeOf } from "./cohort-arrays.js";
import type { ProgramOptions, Segment } from "./executor.js";

/** An array that every step is given besides its rows and rates. */
export interface StepInput {
  /** `draw:<name>` for a task's draw, else one of `noiseInputs`. */
  readonly name: string;
  readonly dtype: "float32" | "int32";
  /** Of one step; the first axis is G, and entry g belongs to the g-th group of batches. */
  readonly shape: readonly number[];
}

/** Names of the arrays that a perturbation asks for. */
export const noiseInputs = {
  /** Class of each label, int32 `[G, B, ...]`. */
  labels: "noise:labels",
  /** Added to the inputs, `[G, B, ...shape]`. */
  inputs: "noise:inputs",
  /** Added to the gradients of all parameters, end to end in the task's order, `[G, P]`. */
  gradients: "noise:gradients",
} as const;

export function drawInput(name: string): string {
  return `draw:${name}`;
}

/** What each step of such a program must be given besides rows and rates. Throws when the task has nothing that the noise could act on. */
export function stepInputs({ task, perturbation = {}, cohortSize, sharedBatches }: ProgramOptions): StepInput[] {
  const groups = sharedBatches ? 1 : cohortSize;
  const inputs: StepInput[] = (task.draws ?? []).map(({ name, shape }) => ({
    name: drawInput(name),
    dtype: "float32",
    shape: [groups, ...shape],
  }));
  if (perturbation.labels === true) {
    const { array, extent } = labelArray(task);
    inputs.push({ name: noiseInputs.labels, dtype: "int32", shape: [groups, task.batchSize, ...extent(array)] });
  }
  if (perturbation.inputs === true) {
    const { shape } = inputArray(task);
    inputs.push({ name: noiseInputs.inputs, dtype: "float32", shape: [groups, task.batchSize, ...shape] });
  }
  if (perturbation.gradients !== undefined) {
    inputs.push({ name: noiseInputs.gradients, dtype: "float32", shape: [groups, trainedNumbers(task)] });
  }
  return inputs;
}

/** The array of labels, its classes, and the shape of an example's labels: one-hot arrays have one axis more. */
export function labelArray(task: Task) {
  const { labels } = task.perturbable ?? {};
  if (labels === undefined) throw new RangeError("this task has no labels that a noise could act on");
  const extent = ({ shape, values }: DataArray) => (values instanceof Int32Array ? shape : shape.slice(0, -1));
  return { array: arrayOf(task, labels.array), classes: labels.classes, extent };
}

/** The array that the model sees. */
export function inputArray(task: Task): DataArray {
  const { inputs } = task.perturbable ?? {};
  if (inputs === undefined) throw new RangeError("this task has no inputs that a noise could act on");
  return arrayOf(task, inputs);
}

/** P: the numbers of all parameters of one trial. */
export function trainedNumbers({ parameters }: Task): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function arrayOf({ training }: Task, name: string): DataArray {
  const found = training.arrays.find((array) => array.name === name);
  if (found === undefined) throw new RangeError(`this task's training data have no array ${name}`);
  return found;
}

/** A segment's extra arrays, checked; throws when one is missing or has another length than its steps ask for. */
export function extraInputs(declared: readonly StepInput[], { steps, inputs = {} }: Pick<Segment, "steps" | "inputs">) {
  return declared.map((input) => {
    const values = inputs[input.name];
    const wanted = steps * sizeOf(input.shape);
    if (values?.length !== wanted) {
      throw new RangeError(`segment.inputs needs ${wanted} values of ${input.name}, got ${values?.length ?? "none"}`);
    }
    return { ...input, values };
  });
}

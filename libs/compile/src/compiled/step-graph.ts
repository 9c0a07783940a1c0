import type { Batch, DataSet } from "@stride/tasks";
import type { ProgramOptions } from "../executor.js";
import { type DType, type Input, input, type Node, type Outputs } from "../graph/node.js";
import { simplify } from "../simplify/simplify.js";
import { gatherBatch, heldOutLosses, lossAndGradients, trainingStep, wholeBatch } from "../step.js";
import { tf } from "../tensorflow.js";
import { type Symbols, trace } from "../trace/trace.js";

/** One training step as a graph, and what its inputs are. */
export interface StepGraph {
  /** The loss `[K]` of each trial before the update. */
  readonly losses: Node;
  /** What a step leaves to the next, in the order of `state`. */
  readonly nextState: readonly Node[];
  readonly state: readonly Input[];
  /** Given anew for each step. */
  readonly stepInputs: readonly Input[];
}

/** Inputs of the graphs of one program. */
interface ProgramInputs {
  readonly parameters: readonly Input[];
  /** `[parameter][slot]`. */
  readonly slots: readonly (readonly Input[])[];
  /** Rows of one step's batch, `[G, B]`; none for a data-free task. */
  readonly indices: Input | undefined;
  readonly learningRates: Input;
  readonly step: Input;
}

function programInputs({ task, optimizer, cohortSize, sharedBatches }: ProgramOptions): ProgramInputs {
  const shapeOf = (i: number) => [cohortSize, ...(task.parameters[i]?.shape ?? [])];
  const groups = sharedBatches ? 1 : cohortSize;
  return {
    parameters: task.parameters.map((_, i) => input(`parameter${i}`, "float32", shapeOf(i))),
    slots: task.parameters.map((_, i) => optimizer.slots.map((_, j) => input(`slot${i}_${j}`, "float32", shapeOf(i)))),
    indices: task.training.size > 0 ? input("indices", "int32", [groups, task.batchSize]) : undefined,
    learningRates: input("learningRates", "float32", [cohortSize]),
    step: input("step", "float32", []),
  };
}

/** The arrays of a data set as inputs `[...leading, ...shape]`, called after `prefix` and their names. */
function dataInputs({ arrays }: DataSet, prefix: string, leading: readonly number[]): Record<string, Input> {
  return Object.fromEntries(
    arrays.map(({ name, shape, values }) => {
      const dtype: DType = values instanceof Int32Array ? "int32" : "float32";
      return [name, input(`${prefix}${name}`, dtype, [...leading, ...shape])];
    }),
  );
}

const tensors = (symbol: Symbols, inputs: Readonly<Record<string, Input>>) =>
  Object.fromEntries(Object.entries(inputs).map(([name, node]) => [name, symbol(node)]));

export const trainingPrefix = "training_";
export const evaluationPrefix = "evaluation_";

/** Where a batch is put together: by the graph, from the whole data set, or by its caller. */
export type Gathering = "inside" | "before";

/** The mini-batch as the task's loss sees it. */
function batchOf({ task }: ProgramOptions, { indices }: ProgramInputs, gathering: Gathering) {
  return (symbol: Symbols): Batch => {
    if (indices === undefined) return { arrays: {} };
    const leading = gathering === "inside" ? [task.training.size] : indices.shape;
    const arrays = tensors(symbol, dataInputs(task.training, trainingPrefix, leading));
    const rows = symbol(indices);
    return gathering === "inside" ? gatherBatch(arrays, rows) : { indices: rows, arrays };
  };
}

/** The whole update: loss, gradients, update, projection. */
export function stepGraph(options: ProgramOptions, gathering: Gathering): StepGraph {
  const { task, optimizer } = options;
  const inputs = programInputs(options);
  const outputs = simplify(
    trace((symbol) => {
      const { losses, parameters, slots } = trainingStep(task, optimizer, {
        parameters: inputs.parameters.map(symbol),
        slots: inputs.slots.map((of) => of.map(symbol)),
        batch: batchOf(options, inputs, gathering)(symbol),
        learningRates: symbol(inputs.learningRates),
        step: symbol(inputs.step),
      });
      const next = [...parameters, ...slots.flat()].map((tensor, i) => [`next${i}`, tensor] as const);
      return { losses, ...Object.fromEntries(next) };
    }),
  );
  const { losses, ...next } = outputs as Outputs & { losses: Outputs[string] };
  return {
    losses,
    nextState: Object.values(next),
    state: [...inputs.parameters, ...inputs.slots.flat()],
    stepInputs: [inputs.learningRates, inputs.step, ...(inputs.indices === undefined ? [] : [inputs.indices])],
  };
}

/** The held-out loss: `{ losses }`. */
export function evaluationGraph(options: ProgramOptions): Outputs {
  const { task } = options;
  const inputs = programInputs(options);
  const { size } = task.evaluation;
  return simplify(
    trace((symbol) => {
      const rows = () => tf.expandDims(tf.range(0, size, 1, "int32"), 0);
      const arrays = tensors(symbol, dataInputs(task.evaluation, evaluationPrefix, [size]));
      const batch = size > 0 ? wholeBatch(arrays, rows()) : { arrays: {} };
      return { losses: heldOutLosses(task, inputs.parameters.map(symbol), batch) };
    }),
  );
}

/** Loss and gradients on one batch: `{ losses, gradient0, … }`. */
export function gradientGraph(options: ProgramOptions, gathering: Gathering): Outputs {
  const { task } = options;
  const inputs = programInputs(options);
  return simplify(
    trace((symbol) => {
      const batch = batchOf(options, inputs, gathering)(symbol);
      const { losses, gradients } = lossAndGradients(task, inputs.parameters.map(symbol), batch);
      return { losses, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient])) };
    }),
  );
}

import type { TrainedState } from "@stride/optimizers";
import type { Batch, DataSet } from "@stride/tasks";
import type { ProgramOptions } from "../executor.js";
import { type DType, type Input, input, type Node, type Outputs } from "../graph/node.js";
import { simplify } from "../simplify/simplify.js";
import { gatherBatch, heldOutLosses, type StepData, trainedLoss, trainingStep, wholeBatch } from "../step.js";
import { stepInputs } from "../step-inputs.js";
import { tf } from "../tensorflow.js";
import { type Symbols, trace } from "../trace/trace.js";

/** One training step as a graph, and what its inputs are. */
export interface StepGraph {
  /** What a step tells, `[K]` each: `losses` before the update, and others by the names of `toldNames`. */
  readonly told: Outputs & { readonly losses: Node };
  /** What a step leaves to the next, in the order of `state`. */
  readonly nextState: readonly Node[];
  readonly state: readonly Input[];
  /** Given anew for each step. */
  readonly stepInputs: readonly Input[];
}

/** What a step may tell besides its losses. */
export const toldNames = ["noisyLosses", "meanRate", "lowestRate", "highestRate", "gradientNorms", "bounds"] as const;

/** Inputs of the graphs of one program. */
export interface ProgramInputs {
  readonly parameters: readonly Input[];
  /** `[parameter][slot]`. */
  readonly slots: readonly (readonly Input[])[];
  readonly trialSlots: readonly Input[];
  /** Rows of one step's batch, `[G, B]`; none for a data-free task. */
  readonly indices: Input | undefined;
  readonly learningRates: Input;
  readonly step: Input;
  /** What else a step is given. */
  readonly extra: readonly Input[];
}

export function programInputs(options: ProgramOptions): ProgramInputs {
  const { task, optimizer, cohortSize, sharedBatches } = options;
  const shapeOf = (i: number) => [cohortSize, ...(task.parameters[i]?.shape ?? [])];
  const groups = sharedBatches ? 1 : cohortSize;
  return {
    parameters: task.parameters.map((_, i) => input(`parameter${i}`, "float32", shapeOf(i))),
    slots: task.parameters.map((_, i) => optimizer.slots.map((_, j) => input(`slot${i}_${j}`, "float32", shapeOf(i)))),
    trialSlots: optimizer.trialSlots.map((_, i) => input(`trial_slot${i}`, "float32", [cohortSize])),
    indices: task.training.size > 0 ? input("indices", "int32", [groups, task.batchSize]) : undefined,
    learningRates: input("learningRates", "float32", [cohortSize]),
    step: input("step", "float32", []),
    extra: stepInputs(options).map(({ name, dtype, shape }) => input(name, dtype, shape)),
  };
}

/** Parameters, slots and trial slots, in the order in which a state keeps them. */
export function stateInputs({ parameters, slots, trialSlots }: ProgramInputs): Input[] {
  return [...parameters, ...slots.flat(), ...trialSlots];
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

/** The mini-batch as the task's loss sees it, and what else a step is given. */
export function stepData({ task }: ProgramOptions, { indices, extra }: ProgramInputs, gathering: Gathering) {
  const batchOf = (symbol: Symbols): Batch => {
    if (indices === undefined) return { arrays: {} };
    const leading = gathering === "inside" ? [task.training.size] : indices.shape;
    const arrays = tensors(symbol, dataInputs(task.training, trainingPrefix, leading));
    const rows = symbol(indices);
    return gathering === "inside" ? gatherBatch(arrays, rows) : { indices: rows, arrays };
  };
  return (symbol: Symbols): StepData => ({
    batch: batchOf(symbol),
    inputs: tensors(symbol, Object.fromEntries(extra.map((given) => [given.name, given]))),
  });
}

export function stateOf({ parameters, slots, trialSlots }: ProgramInputs, symbol: Symbols): TrainedState {
  return {
    parameters: parameters.map(symbol),
    slots: slots.map((of) => of.map(symbol)),
    trialSlots: trialSlots.map(symbol),
  };
}

/** The whole update: loss, gradients, update, projection. */
export function stepGraph(options: ProgramOptions, gathering: Gathering): StepGraph {
  const inputs = programInputs(options);
  const { losses, noisyLosses, meanRate, lowestRate, highestRate, gradientNorms, bounds, ...next } = simplify(
    trace((symbol) => {
      const output = trainingStep(options, {
        ...stateOf(inputs, symbol),
        ...stepData(options, inputs, gathering)(symbol),
        learningRates: symbol(inputs.learningRates),
        step: symbol(inputs.step),
      });
      const { parameters, slots, trialSlots, rates, gradientNorms, bounds } = output;
      const state = [...parameters, ...slots.flat(), ...trialSlots].map((tensor, i) => [`next${i}`, tensor] as const);
      return {
        losses: output.losses,
        ...(output.noisyLosses === undefined ? {} : { noisyLosses: output.noisyLosses }),
        ...(rates === undefined ? {} : { meanRate: rates.mean, lowestRate: rates.lowest, highestRate: rates.highest }),
        ...(gradientNorms === undefined ? {} : { gradientNorms }),
        ...(bounds === undefined ? {} : { bounds }),
        ...Object.fromEntries(state),
      };
    }),
  ) as Outputs & { losses: Node };
  const others = { noisyLosses, meanRate, lowestRate, highestRate, gradientNorms, bounds };
  const given = Object.entries(others).filter((entry): entry is [string, Node] => entry[1] !== undefined);
  return {
    told: { losses, ...Object.fromEntries(given) },
    nextState: Object.values(next),
    state: stateInputs(inputs),
    stepInputs: [
      inputs.learningRates,
      inputs.step,
      ...(inputs.indices === undefined ? [] : [inputs.indices]),
      ...inputs.extra,
    ],
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
      return { losses: heldOutLosses(options, stateOf(inputs, symbol), batch) };
    }),
  );
}

/** Loss and gradients on one batch: `{ losses, gradient0, … }`; of the loss that is minimised, noise and all. */
export function gradientGraph(options: ProgramOptions, gathering: Gathering): Outputs {
  const inputs = programInputs(options);
  return simplify(
    trace((symbol) => {
      const data = stepData(options, inputs, gathering)(symbol);
      const { minimised, gradients } = trainedLoss(options, inputs.parameters.map(symbol), data);
      return { losses: minimised, ...Object.fromEntries(gradients.map((gradient, i) => [`gradient${i}`, gradient])) };
    }),
  );
}

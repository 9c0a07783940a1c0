import { setImmediate } from "node:timers/promises";
import type { DataSet } from "@stride/tasks";
import { checkRows, checkSegment, sizeOf, splitTrials, stackTrials } from "../cohort-arrays.js";
import type { Program, ProgramOptions } from "../executor.js";
import { gatherBatch, heldOutLosses, lossAndGradients, trainingStep, wholeBatch } from "../step.js";
import { onBackend, tf } from "../tensorflow.js";

type Arrays = Readonly<Record<string, tf.Tensor>>;

/** Everything a program shares with the others of its executor. */
export interface EagerContext {
  readonly backend: string;
  /** The arrays of a data set as tensors on this backend, made once. */
  arrays(dataSet: DataSet): Arrays;
}

/** Runs the task's own TensorFlow.js code, operation by operation: slow, simple, the reference of the contract test. */
export function eagerProgram(context: EagerContext, options: ProgramOptions): Program {
  const { task, optimizer, cohortSize, sharedBatches } = options;
  const { backend } = context;
  const groups = sharedBatches ? 1 : cohortSize;
  const hasData = task.training.size > 0;
  const indicesPerStep = hasData ? groups * task.batchSize : 0;
  let parameters: readonly tf.Tensor[] = [];
  let slots: readonly (readonly tf.Tensor[])[] = [];

  const all = () => [...parameters, ...slots.flat()];
  const replace = (next: { parameters: readonly tf.Tensor[]; slots: readonly (readonly tf.Tensor[])[] }) => {
    const kept = new Set([...next.parameters, ...next.slots.flat()]);
    for (const tensor of kept) tf.keep(tensor);
    for (const tensor of all()) if (!kept.has(tensor)) tensor.dispose();
    parameters = next.parameters;
    slots = next.slots;
  };
  const batchAt = (indices: Int32Array) =>
    hasData
      ? gatherBatch(context.arrays(task.training), tf.tensor2d(indices, [groups, task.batchSize], "int32"))
      : { arrays: {} };
  const read = async (tensor: tf.Tensor) => {
    const values = (await tensor.data()) as Float32Array;
    tensor.dispose();
    return values.slice();
  };
  const requireLoaded = () => {
    if (parameters.length === 0) throw new Error("load() parameters before running a program");
  };

  return {
    load(given) {
      const stacked = stackTrials(task, given, cohortSize);
      onBackend(backend, () => {
        const fresh = task.parameters.map(({ shape }, i) =>
          tf.tensor(stacked[i] as Float32Array, [cohortSize, ...shape], "float32"),
        );
        replace({ parameters: fresh, slots: fresh.map((p) => optimizer.slots.map(() => tf.zerosLike(p))) });
      });
    },
    async run(segment) {
      requireLoaded();
      checkSegment(segment, { indicesPerStep, cohortSize, rows: task.training.size });
      const losses = new Float32Array(segment.steps * cohortSize);
      for (let t = 0; t < segment.steps; t++) {
        const step = onBackend(backend, () => {
          const output = trainingStep(task, optimizer, {
            parameters,
            slots,
            batch: batchAt(segment.indices.slice(t * indicesPerStep, (t + 1) * indicesPerStep)),
            learningRates: tf.tensor1d(segment.learningRates.slice(t * cohortSize, (t + 1) * cohortSize)),
            step: tf.scalar(segment.firstStep + t),
          });
          replace(output);
          return output.losses;
        });
        losses.set(await read(step), t * cohortSize);
        // Locks and heartbeats renew on timers, which a loop of promises alone would starve.
        await setImmediate();
      }
      return losses;
    },
    async evaluate() {
      requireLoaded();
      const size = task.evaluation.size;
      return read(
        onBackend(backend, () =>
          heldOutLosses(
            task,
            parameters,
            size > 0
              ? wholeBatch(context.arrays(task.evaluation), tf.range(0, size, 1, "int32").expandDims(0))
              : { arrays: {} },
          ),
        ),
      );
    },
    async parameters() {
      requireLoaded();
      const values = await Promise.all(parameters.map(async (tensor) => (await tensor.data()) as Float32Array));
      return splitTrials(task, values, cohortSize);
    },
    async gradients(indices) {
      requireLoaded();
      const expected = indicesPerStep;
      if (indices.length !== expected) throw new RangeError(`expected ${expected} indices, got ${indices.length}`);
      checkRows(indices, task.training.size);
      const { losses, gradients } = onBackend(backend, () => {
        return lossAndGradients(task, parameters, batchAt(indices));
      });
      const values = await Promise.all(gradients.map(read));
      return { losses: await read(losses), gradients: splitTrials(task, values, cohortSize) };
    },
    async [Symbol.asyncDispose]() {
      for (const tensor of all()) tensor.dispose();
      parameters = [];
      slots = [];
    },
  };
}

/** The arrays of a data set as tensors of the current backend. */
export function dataSetTensors({ size, arrays }: DataSet): Arrays {
  return Object.fromEntries(
    arrays.map(({ name, shape, values }) => {
      if (values.length !== size * sizeOf(shape)) throw new RangeError(`array ${name} does not have ${size} rows`);
      const dtype = values instanceof Int32Array ? "int32" : "float32";
      return [name, tf.keep(tf.tensor(values, [size, ...shape], dtype))];
    }),
  );
}

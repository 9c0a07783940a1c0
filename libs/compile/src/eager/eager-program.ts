import { setImmediate } from "node:timers/promises";
import type { LineSearch, TrainedState } from "@stride/optimizers";
import type { DataSet } from "@stride/tasks";
import { checkRows, checkSegment, sizeOf, splitTrials, stackTrials } from "../cohort-arrays.js";
import type { Program, ProgramOptions, Segment, SegmentResult } from "../executor.js";
import { type FoundRates, heldTo, searchRates } from "../search-rates.js";
import { measured, movedAgainst, tried } from "../search-step.js";
import {
  gatherBatch,
  heldOutLosses,
  type StepData,
  type StepOutput,
  trainedLoss,
  trainingStep,
  wholeBatch,
} from "../step.js";
import { extraInputs, stepInputs } from "../step-inputs.js";
import { onBackend, tf } from "../tensorflow.js";
import { requireWatchable } from "../watch.js";

type Arrays = Readonly<Record<string, tf.Tensor>>;

/** Everything a program shares with the others of its executor. */
export interface EagerContext {
  readonly backend: string;
  /** The arrays of a data set as tensors on this backend, made once. */
  arrays(dataSet: DataSet): Arrays;
}

const nothing: TrainedState = { parameters: [], slots: [], trialSlots: [] };
const tensorsOf = ({ parameters, slots, trialSlots }: TrainedState) => [...parameters, ...slots.flat(), ...trialSlots];

/** Runs the task's own TensorFlow.js code, operation by operation: slow, simple, the reference of the contract test. */
export function eagerProgram(context: EagerContext, options: ProgramOptions): Program {
  const { task, optimizer, cohortSize, sharedBatches } = options;
  const { backend } = context;
  requireWatchable(options);
  const groups = sharedBatches ? 1 : cohortSize;
  const hasData = task.training.size > 0;
  const indicesPerStep = hasData ? groups * task.batchSize : 0;
  let state = nothing;
  let previousRates: readonly (number | undefined)[] = [];

  const replace = (next: TrainedState) => {
    const kept = new Set(tensorsOf(next));
    for (const tensor of kept) tf.keep(tensor);
    for (const tensor of tensorsOf(state)) if (!kept.has(tensor)) tensor.dispose();
    state = { parameters: next.parameters, slots: next.slots, trialSlots: next.trialSlots };
  };
  const batchAt = (indices: Int32Array) =>
    hasData
      ? gatherBatch(context.arrays(task.training), tf.tensor2d(indices, [groups, task.batchSize], "int32"))
      : { arrays: {} };
  /** What the t-th step of a segment is given; for use inside of a tidy. */
  const dataOf = (segment: Segment, given = options): ((t: number) => StepData) => {
    const extra = extraInputs(stepInputs(given), segment);
    return (t) => ({
      batch: batchAt(segment.indices.slice(t * indicesPerStep, (t + 1) * indicesPerStep)),
      inputs: Object.fromEntries(
        extra.map(({ name, dtype, shape, values }) => {
          const size = sizeOf(shape);
          return [name, tf.tensor(values.slice(t * size, (t + 1) * size), [...shape], dtype)];
        }),
      ),
    });
  };
  const read = async (tensor: tf.Tensor) => {
    const values = (await tensor.data()) as Float32Array;
    tensor.dispose();
    return values.slice();
  };
  const requireLoaded = () => {
    if (state.parameters.length === 0) throw new Error("load() parameters before running a program");
  };

  /** One step; what it told, by name. */
  function step(data: (t: number) => StepData, segment: Segment, t: number) {
    return onBackend(backend, () => {
      const output = trainingStep(options, {
        ...state,
        ...data(t),
        learningRates: tf.tensor1d(segment.learningRates.slice(t * cohortSize, (t + 1) * cohortSize)),
        step: tf.scalar(segment.firstStep + t),
      });
      replace(output);
      return toldTensors(output);
    });
  }

  /** One step whose rates are searched for. */
  async function searchStep(search: LineSearch, data: (t: number) => StepData, segment: Segment, t: number) {
    const { parameters } = state;
    const begun = onBackend(backend, () => {
      const { gradients, losses, minimised, squaredNorms, told } = measured(options, parameters, data(t));
      // Two tensors even where they are one loss: each is read and thrown away.
      return { gradients, losses: tf.clone(losses), minimised, squaredNorms, told: { ...told } };
    });
    const minimised = await read(begun.minimised);
    const told: Record<string, Float32Array> = {};
    for (const [name, tensor] of Object.entries(begun.told)) told[name] = await read(tensor);
    const given = segment.learningRates.slice(t * cohortSize, (t + 1) * cohortSize);
    const clips = options.watch?.stability?.clip === true;
    const found: FoundRates = await searchRates({
      search,
      previous: previousRates.length === 0 ? Array.from({ length: cohortSize }, () => undefined) : previousRates,
      learningRates: clips ? heldTo(given, told.bounds as Float32Array) : given,
      losses: minimised,
      squaredNorms: await read(begun.squaredNorms),
      async try(rates) {
        const at = onBackend(backend, () =>
          tried(options, parameters, begun.gradients, { rates: tf.tensor1d(rates), data: data(t) }),
        );
        return { losses: await read(at.losses), promised: await read(at.promised) };
      },
    });
    onBackend(backend, () => {
      const moved = movedAgainst(options, parameters, begun.gradients, tf.tensor1d(found.rates));
      replace({ parameters: moved, slots: moved.map(() => []), trialSlots: [] });
      return [];
    });
    tf.dispose(begun.gradients);
    previousRates = found.goOnFrom;
    return { losses: await read(begun.losses), minimised, found, told };
  }

  async function runSearch(search: LineSearch, segment: Segment): Promise<SegmentResult> {
    const size = segment.steps * cohortSize;
    const [losses, noisyLosses, mean] = [new Float32Array(size), new Float32Array(size), new Float32Array(size)];
    const extraPasses = new Int32Array(size);
    const watched: Record<string, Float32Array> = {};
    const data = dataOf(segment);
    if (segment.firstStep === 0) previousRates = [];
    for (let t = 0; t < segment.steps; t++) {
      const told = await searchStep(search, data, segment, t);
      losses.set(told.losses, t * cohortSize);
      noisyLosses.set(told.minimised, t * cohortSize);
      mean.set(told.found.rates, t * cohortSize);
      extraPasses.set(told.found.tries, t * cohortSize);
      for (const [name, values] of Object.entries(told.told)) {
        watched[name] ??= new Float32Array(size);
        watched[name].set(values, t * cohortSize);
      }
      await setImmediate();
    }
    const { labels, inputs } = options.perturbation ?? {};
    const noisy = labels === true || inputs === true ? { noisyLosses } : {};
    return { losses, ...noisy, rates: { mean, lowest: mean, highest: mean }, extraPasses, ...watched };
  }

  return {
    load(given) {
      const stacked = stackTrials(task, given, cohortSize);
      onBackend(backend, () => {
        const fresh = task.parameters.map(({ shape }, i) =>
          tf.tensor(stacked[i] as Float32Array, [cohortSize, ...shape], "float32"),
        );
        const initial = { zero: tf.zerosLike, parameter: tf.clone };
        replace({
          parameters: fresh,
          slots: fresh.map((parameter) => optimizer.slots.map((slot) => initial[slot.initial](parameter))),
          trialSlots: optimizer.trialSlots.map(() => tf.zeros([cohortSize])),
        });
        return [];
      });
    },
    async run(segment) {
      requireLoaded();
      checkSegment(segment, { indicesPerStep, cohortSize, rows: task.training.size });
      if (optimizer.search !== undefined) return runSearch(optimizer.search, segment);
      const told: Record<string, Float32Array> = {};
      const data = dataOf(segment);
      for (let t = 0; t < segment.steps; t++) {
        for (const [name, tensor] of Object.entries(step(data, segment, t))) {
          told[name] ??= new Float32Array(segment.steps * cohortSize);
          told[name].set(await read(tensor), t * cohortSize);
        }
        // Locks and heartbeats renew on timers, which a loop of promises alone would starve.
        await setImmediate();
      }
      const { losses = new Float32Array(), noisyLosses, mean, lowest, highest, gradientNorms, bounds } = told;
      return {
        losses,
        ...(noisyLosses === undefined ? {} : { noisyLosses }),
        ...(mean && lowest && highest ? { rates: { mean, lowest, highest } } : {}),
        ...(gradientNorms === undefined ? {} : { gradientNorms }),
        ...(bounds === undefined ? {} : { bounds }),
      };
    },
    async evaluate() {
      requireLoaded();
      const size = task.evaluation.size;
      return read(
        onBackend(backend, () =>
          heldOutLosses(
            options,
            state,
            size > 0
              ? wholeBatch(context.arrays(task.evaluation), tf.range(0, size, 1, "int32").expandDims(0))
              : { arrays: {} },
          ),
        ),
      );
    },
    async parameters() {
      requireLoaded();
      const values = await Promise.all(state.parameters.map(async (tensor) => (await tensor.data()) as Float32Array));
      return splitTrials(task, values, cohortSize);
    },
    async gradients(indices, inputs = {}) {
      requireLoaded();
      const expected = indicesPerStep;
      if (indices.length !== expected) throw new RangeError(`expected ${expected} indices, got ${indices.length}`);
      checkRows(indices, task.training.size);
      const segment = { steps: 1, firstStep: 0, indices, learningRates: new Float32Array(cohortSize), inputs };
      const without = { ...options, perturbation: {} };
      const { losses, gradients } = onBackend(backend, () => {
        const { losses, gradients } = trainedLoss(without, state.parameters, dataOf(segment, without)(0));
        return { losses, gradients };
      });
      const values = await Promise.all(gradients.map(read));
      return { losses: await read(losses), gradients: splitTrials(task, values, cohortSize) };
    },
    async [Symbol.asyncDispose]() {
      for (const tensor of tensorsOf(state)) tensor.dispose();
      state = nothing;
    },
  };
}

/** What a step told, `[K]` each. The tensors of one number must not be one tensor: each is read and thrown away. */
function toldTensors({ losses, noisyLosses, rates, gradientNorms, bounds }: StepOutput): Record<string, tf.Tensor> {
  const told = {
    losses,
    ...(noisyLosses === undefined ? {} : { noisyLosses }),
    ...rates,
    ...(gradientNorms === undefined ? {} : { gradientNorms }),
    ...(bounds === undefined ? {} : { bounds }),
  };
  return Object.fromEntries(Object.entries(told).map(([name, tensor]) => [name, tf.clone(tensor)]));
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

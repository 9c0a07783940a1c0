import type { DataSet } from "@stride/tasks";
import * as ort from "onnxruntime-node";
import { checkSegment, sizeOf, splitTrials, stackTrials } from "../cohort-arrays.js";
import type { Program, ProgramOptions } from "../executor.js";
import { graphModel } from "../onnx/model.js";
import { type SegmentModel, segmentModel } from "./segment-model.js";
import { openSession, type SessionSettings } from "./session.js";
import { evaluationGraph, evaluationPrefix, gradientGraph, stepGraph, trainingPrefix } from "./step-graph.js";

/** What all programs of one task, optimizer and width share: their models, loaded. They hold no trial's state. */
export interface CompiledStep extends AsyncDisposable {
  readonly segment: SegmentModel;
  readonly steps: ort.InferenceSession;
  /** Loaded when first asked for. */
  evaluation(): Promise<ort.InferenceSession>;
  gradients(): Promise<ort.InferenceSession>;
}

export async function compileStep(options: ProgramOptions, settings: SessionSettings): Promise<CompiledStep> {
  const segment = segmentModel(stepGraph(options));
  const steps = await openSession(segment.bytes, settings);
  const open: Promise<ort.InferenceSession>[] = [Promise.resolve(steps)];
  const once = (model: () => Uint8Array) => {
    let session: Promise<ort.InferenceSession> | undefined;
    return () => {
      if (session === undefined) {
        session = Promise.resolve().then(() => openSession(model(), settings));
        open.push(session);
      }
      return session;
    };
  };
  return {
    segment,
    steps,
    evaluation: once(() => graphModel(evaluationGraph(options))),
    gradients: once(() => graphModel(gradientGraph(options))),
    async [Symbol.asyncDispose]() {
      const sessions = await Promise.allSettled(open);
      for (const session of sessions) if (session.status === "fulfilled") await session.value.release();
    },
  };
}

type Tensors = Record<string, ort.Tensor>;

/** Trains one cohort with a compiled step. Its state lives in two sets of arrays, read and written in turn. */
export function compiledProgram(compiled: CompiledStep, options: ProgramOptions): Program {
  const { task, optimizer, cohortSize, sharedBatches } = options;
  const groups = sharedBatches ? 1 : cohortSize;
  const indicesPerStep = task.training.size > 0 ? groups * task.batchSize : 0;
  const shapes = [
    ...task.parameters.map(({ shape }) => [cohortSize, ...shape]),
    ...task.parameters.flatMap(({ shape }) => optimizer.slots.map(() => [cohortSize, ...shape])),
  ];
  const training = dataTensors(task.training, trainingPrefix);
  const evaluation = dataTensors(task.evaluation, evaluationPrefix);
  let current: ort.Tensor[] | undefined;
  let spare: ort.Tensor[] = [];

  const state = () => {
    if (current === undefined) throw new Error("load() parameters before running a program");
    return current;
  };
  const parameterFeeds = (prefix = "") =>
    Object.fromEntries(task.parameters.map((_, i) => [`${prefix}parameter${i}`, state()[i] as ort.Tensor]));
  const slotFeeds = () =>
    Object.fromEntries(
      task.parameters.flatMap((_, i) =>
        optimizer.slots.map((_, j) => {
          const position = task.parameters.length + i * optimizer.slots.length + j;
          return [`in_slot${i}_${j}`, state()[position] as ort.Tensor];
        }),
      ),
    );
  const fresh = () => shapes.map((shape) => float32(new Float32Array(sizeOf(shape)), shape));

  return {
    load(given) {
      const stacked = stackTrials(task, given, cohortSize);
      current = fresh();
      spare = fresh();
      stacked.forEach((values, i) => {
        (current?.[i]?.data as Float32Array).set(values);
      });
    },

    async run(segment) {
      const { steps, firstStep } = segment;
      checkSegment(segment, { indicesPerStep, cohortSize });
      const feeds: Tensors = {
        ...training,
        ...parameterFeeds("in_"),
        ...slotFeeds(),
        all_learningRates: float32(segment.learningRates, [steps, cohortSize]),
        all_step: float32(
          Float32Array.from({ length: steps }, (_, t) => firstStep + t),
          [steps],
        ),
        all_indices: new ort.Tensor("int32", segment.indices, [steps, groups, indicesPerStep / groups]),
      };
      const losses = new Float32Array(steps * cohortSize);
      const { nextState, losses: lossName } = compiled.segment;
      const fetches: Tensors = { [lossName]: float32(losses, [steps, cohortSize]) };
      nextState.forEach((name, i) => {
        fetches[name] = spare[i] as ort.Tensor;
      });
      await compiled.steps.run(only(feeds, compiled.segment.inputs), fetches);
      [current, spare] = [spare, state()];
      return losses;
    },

    async evaluate() {
      const session = await compiled.evaluation();
      const losses = new Float32Array(cohortSize);
      const feeds = { ...evaluation, ...parameterFeeds() };
      await session.run(only(feeds, new Set(session.inputNames)), { losses: float32(losses, [cohortSize]) });
      return losses;
    },

    async parameters() {
      const values = state().map((tensor) => tensor.data as Float32Array);
      return splitTrials(task, values, cohortSize);
    },

    async gradients(indices) {
      const session = await compiled.gradients();
      if (indices.length !== indicesPerStep) {
        throw new RangeError(`expected ${indicesPerStep} indices, got ${indices.length}`);
      }
      const rows = new ort.Tensor("int32", indices, [groups, indicesPerStep / groups]);
      const feeds = { ...training, ...parameterFeeds(), indices: rows };
      const read = await session.run(only(feeds, new Set(session.inputNames)));
      const values = (name: string) => read[name]?.data as Float32Array;
      const gradients = task.parameters.map((_, i) => values(`gradient${i}`));
      return { losses: values("losses").slice(), gradients: splitTrials(task, gradients, cohortSize) };
    },

    async [Symbol.asyncDispose]() {
      current = undefined;
      spare = [];
    },
  };
}

function float32(values: Float32Array, shape: readonly number[]): ort.Tensor {
  return new ort.Tensor("float32", values, shape);
}

/** What a model reads of all that could be given. */
function only(feeds: Tensors, names: ReadonlySet<string>): Tensors {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name)));
}

/** Views of the data set's own arrays: nothing is copied. */
function dataTensors({ size, arrays }: DataSet, prefix: string): Tensors {
  return Object.fromEntries(
    arrays.map(({ name, shape, values }) => {
      if (values.length !== size * sizeOf(shape)) throw new RangeError(`array ${name} does not have ${size} rows`);
      const type = values instanceof Int32Array ? "int32" : "float32";
      return [`${prefix}${name}`, new ort.Tensor(type, values, [size, ...shape])];
    }),
  );
}

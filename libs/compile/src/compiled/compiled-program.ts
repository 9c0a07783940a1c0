import type * as ort from "onnxruntime-node";
import { checkRows, checkSegment, splitTrials, stackTrials } from "../cohort-arrays.js";
import type { Program, ProgramOptions } from "../executor.js";
import { graphModel } from "../onnx/model.js";
import { requireWatchable } from "../watch.js";
import { batchShape, type Stepper, segmentStepper, singleStepper, stepFeeds } from "./advance.js";
import { dataTensors, only, type Tensors } from "./data-tensors.js";
import { searchStepper } from "./search-stepper.js";
import { openSession, type SessionSettings } from "./session.js";
import { createState, float32 } from "./state.js";
import { evaluationGraph, evaluationPrefix, gradientGraph, programInputs, stateInputs } from "./step-graph.js";

/** What all programs of the same options share: their models, loaded. */
export interface Compiled extends AsyncDisposable {
  readonly stepper: Stepper;
  /** Loaded when first asked for. */
  evaluation(): Promise<ort.InferenceSession>;
  gradients(): Promise<ort.InferenceSession>;
}

export async function compile(options: ProgramOptions, settings: SessionSettings): Promise<Compiled> {
  requireWatchable(options);
  const stepper = await openStepper(options, settings);
  const opened: Promise<ort.InferenceSession>[] = [];
  const once = (model: () => Uint8Array) => {
    let session: Promise<ort.InferenceSession> | undefined;
    return () => {
      if (session === undefined) {
        session = Promise.resolve().then(() => openSession(model(), settings));
        opened.push(session);
        // Not kept: the next one may succeed.
        session.catch(() => {
          session = undefined;
        });
      }
      return session;
    };
  };
  return {
    stepper,
    evaluation: once(() => graphModel(evaluationGraph(options))),
    gradients: once(() => graphModel(gradientGraph({ ...options, perturbation: {} }, "before"))),
    async [Symbol.asyncDispose]() {
      await stepper.release();
      for (const session of await Promise.allSettled(opened)) {
        if (session.status === "fulfilled") await session.value.release();
      }
    },
  };
}

function openStepper(options: ProgramOptions, settings: SessionSettings): Promise<Stepper> {
  const { search } = options.optimizer;
  if (search !== undefined) return searchStepper(options, settings, search);
  // CUDA runs a Scan's body on the device, whose state then crosses the bus once a segment and not with every step.
  return (settings.provider === "webgpu" ? singleStepper : segmentStepper)(options, settings);
}

/** Trains one cohort with a compiled step. */
export function compiledProgram({ stepper, evaluation, gradients }: Compiled, options: ProgramOptions): Program {
  const { task, optimizer, cohortSize } = options;
  const [groups, batchSize] = batchShape(options);
  const hasData = task.training.size > 0;
  const indicesPerStep = hasData ? groups * batchSize : 0;
  const kept = stateInputs(programInputs(options));
  const state = createState(kept.map(({ shape }) => shape));
  const heldOut = dataTensors(task.evaluation, evaluationPrefix);
  const stateFeeds = (): Tensors =>
    Object.fromEntries(kept.map(({ name }, i) => [name, state.current()[i] as ort.Tensor]));
  const dataOf = stepFeeds({ ...options, perturbation: {} });

  return {
    load(parameters) {
      const stacked = stackTrials(task, parameters, cohortSize);
      const initial = { zero: () => undefined, parameter: (values: Float32Array) => values };
      state.load([
        ...stacked,
        ...stacked.flatMap((values) => optimizer.slots.map((slot) => initial[slot.initial](values))),
      ]);
    },
    async run(segment) {
      checkSegment(segment, { indicesPerStep, cohortSize, rows: task.training.size });
      return stepper.advance(state, segment);
    },
    async evaluate() {
      const feeds = { ...heldOut, ...stateFeeds() };
      const session = await evaluation();
      const losses = new Float32Array(cohortSize);
      await session.run(only(feeds, session.inputNames), { losses: float32(losses, [cohortSize]) });
      return losses;
    },
    async parameters() {
      const values = task.parameters.map((_, i) => state.current()[i]?.data as Float32Array);
      return splitTrials(task, values, cohortSize);
    },
    async gradients(indices, inputs = {}) {
      if (indices.length !== indicesPerStep) {
        throw new RangeError(`expected ${indicesPerStep} indices, got ${indices.length}`);
      }
      checkRows(indices, task.training.size);
      const segment = { steps: 1, firstStep: 0, indices, learningRates: new Float32Array(cohortSize), inputs };
      const feeds: Tensors = { ...dataOf(segment)(0), ...stateFeeds() };
      const session = await gradients();
      const read = await session.run(only(feeds, session.inputNames));
      const values = (name: string) => read[name]?.data as Float32Array;
      const stacked = task.parameters.map((_, i) => values(`gradient${i}`));
      return { losses: values("losses").slice(), gradients: splitTrials(task, stacked, cohortSize) };
    },
    async [Symbol.asyncDispose]() {
      state.clear();
    },
  };
}

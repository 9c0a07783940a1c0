import type * as ort from "onnxruntime-node";
import { checkRows, checkSegment, splitTrials, stackTrials } from "../cohort-arrays.js";
import type { Program, ProgramOptions } from "../executor.js";
import { graphModel } from "../onnx/model.js";
import { batchShape, type Stepper, segmentStepper, singleStepper } from "./advance.js";
import { dataTensors, gatherTensors, only, type Tensors } from "./data-tensors.js";
import { openSession, type SessionSettings } from "./session.js";
import { createState, float32, int32 } from "./state.js";
import { evaluationGraph, evaluationPrefix, gradientGraph, trainingPrefix } from "./step-graph.js";

/** What all programs of the same options share: their models, loaded. */
export interface Compiled extends AsyncDisposable {
  readonly stepper: Stepper;
  /** Loaded when first asked for. */
  evaluation(): Promise<ort.InferenceSession>;
  gradients(): Promise<ort.InferenceSession>;
}

export async function compile(options: ProgramOptions, settings: SessionSettings): Promise<Compiled> {
  const stepper = await (settings.provider === "cpu" ? segmentStepper : singleStepper)(options, settings);
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
    gradients: once(() => graphModel(gradientGraph(options, "before"))),
    async [Symbol.asyncDispose]() {
      await stepper.release();
      for (const session of await Promise.allSettled(opened)) {
        if (session.status === "fulfilled") await session.value.release();
      }
    },
  };
}

/** Trains one cohort with a compiled step. */
export function compiledProgram({ stepper, evaluation, gradients }: Compiled, options: ProgramOptions): Program {
  const { task, optimizer, cohortSize } = options;
  const [groups, batchSize] = batchShape(options);
  const hasData = task.training.size > 0;
  const indicesPerStep = hasData ? groups * batchSize : 0;
  const shapes = task.parameters.map(({ shape }) => [cohortSize, ...shape]);
  const state = createState([...shapes, ...shapes.flatMap((shape) => optimizer.slots.map(() => shape))]);
  const heldOut = dataTensors(task.evaluation, evaluationPrefix);
  const parameterFeeds = (): Tensors =>
    Object.fromEntries(shapes.map((_, i) => [`parameter${i}`, state.current()[i] as ort.Tensor]));

  return {
    load(parameters) {
      state.load(stackTrials(task, parameters, cohortSize));
    },
    async run(segment) {
      checkSegment(segment, { indicesPerStep, cohortSize, rows: task.training.size });
      return stepper.advance(state, segment);
    },
    async evaluate() {
      const feeds = { ...heldOut, ...parameterFeeds() };
      const session = await evaluation();
      const losses = new Float32Array(cohortSize);
      await session.run(only(feeds, session.inputNames), { losses: float32(losses, [cohortSize]) });
      return losses;
    },
    async parameters() {
      const values = shapes.map((_, i) => state.current()[i]?.data as Float32Array);
      return splitTrials(task, values, cohortSize);
    },
    async gradients(indices) {
      if (indices.length !== indicesPerStep) {
        throw new RangeError(`expected ${indicesPerStep} indices, got ${indices.length}`);
      }
      checkRows(indices, task.training.size);
      const leading = [groups, batchSize];
      const feeds: Tensors = {
        ...(hasData ? gatherTensors(task.training, { prefix: trainingPrefix, indices, leading }) : {}),
        ...(hasData ? { indices: int32(indices, leading) } : {}),
        ...parameterFeeds(),
      };
      const session = await gradients();
      const read = await session.run(only(feeds, session.inputNames));
      const values = (name: string) => read[name]?.data as Float32Array;
      const stacked = shapes.map((_, i) => values(`gradient${i}`));
      return { losses: values("losses").slice(), gradients: splitTrials(task, stacked, cohortSize) };
    },
    async [Symbol.asyncDispose]() {
      state.clear();
    },
  };
}

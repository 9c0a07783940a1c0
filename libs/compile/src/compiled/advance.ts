import type * as ort from "onnxruntime-node";
import { sizeOf } from "../cohort-arrays.js";
import type { ProgramOptions, Segment, SegmentResult } from "../executor.js";
import { graphModel } from "../onnx/model.js";
import { extraInputs, type StepInput, stepInputs } from "../step-inputs.js";
import { dataTensors, gatherTensors, only, type Tensors } from "./data-tensors.js";
import { segmentModel } from "./segment-model.js";
import { openSession, type SessionSettings } from "./session.js";
import { float32, int32, type State } from "./state.js";
import { type StepGraph, stepGraph, toldNames, trainingPrefix } from "./step-graph.js";

/** A loaded training step. Holds no trial's state: any number of programs of the same options may use it. */
export interface Stepper {
  /** Takes a segment's steps. */
  advance(state: State, segment: Segment): Promise<SegmentResult>;
  release(): Promise<void>;
}

/** G and B: how many batches a step gathers, and of how many rows. */
export function batchShape({ task, cohortSize, sharedBatches }: ProgramOptions): readonly [number, number] {
  return [sharedBatches ? 1 : cohortSize, task.batchSize];
}

const named = (names: readonly string[], tensors: readonly ort.Tensor[]): Tensors =>
  Object.fromEntries(names.map((name, i) => [name, tensors[i] as ort.Tensor]));

/** Whole segments in one run, batches gathered inside: for a provider that has loops. */
export async function segmentStepper(options: ProgramOptions, settings: SessionSettings): Promise<Stepper> {
  const { task, cohortSize } = options;
  const [groups, batchSize] = batchShape(options);
  const data = dataTensors(task.training, trainingPrefix);
  const step = stepGraph(options, "inside");
  const declared = stepInputs(options);
  const session = await openSession(segmentModel(step), settings);
  const read = step.state.map(({ name }) => `in_${name}`);
  const written = step.state.map((_, i) => `next${i}`);
  return {
    async advance(state, segment) {
      const { steps, firstStep, indices, learningRates } = segment;
      const told = toldArrays(step, steps * cohortSize);
      const extra = extraInputs(declared, segment);
      const feeds: Tensors = {
        ...data,
        ...named(read, state.current()),
        ...Object.fromEntries(extra.map((input) => [`all_${input.name}`, asTensor(input, [steps, ...input.shape])])),
        all_learningRates: float32(learningRates, [steps, cohortSize]),
        all_step: float32(stepNumbers(firstStep, steps), [steps]),
        all_indices: int32(indices, [steps, groups, batchSize]),
      };
      await session.run(only(feeds, session.inputNames), {
        ...named(written, state.next()),
        ...Object.fromEntries(Object.entries(told).map(([name, all]) => [name, float32(all, [steps, cohortSize])])),
      });
      state.advance();
      return resultOf(told);
    },
    release: () => session.release(),
  };
}

/** One run a step, batches gathered beforehand: for a provider without loops, whose memory is not ours. */
export async function singleStepper(options: ProgramOptions, settings: SessionSettings): Promise<Stepper> {
  const { cohortSize } = options;
  const step = stepGraph(options, "before");
  const written = step.state.map((_, i) => `next${i}`);
  const next = Object.fromEntries(step.nextState.map((node, i) => [`next${i}`, node]));
  const session = await openSession(graphModel({ ...next, ...step.told }), settings);
  const read = step.state.map(({ name }) => name);
  const dataOf = stepFeeds(options);
  return {
    async advance(state, segment) {
      const { steps, firstStep, learningRates } = segment;
      const told = toldArrays(step, steps * cohortSize);
      const feedsOf = dataOf(segment);
      for (let t = 0; t < steps; t++) {
        const ofTrials = [t * cohortSize, (t + 1) * cohortSize] as const;
        const feeds: Tensors = {
          ...feedsOf(t),
          ...named(read, state.current()),
          learningRates: float32(learningRates.subarray(...ofTrials), [cohortSize]),
          step: float32(stepNumbers(firstStep + t, 1), []),
        };
        const row = (all: Float32Array) => float32(all.subarray(...ofTrials), [cohortSize]);
        await session.run(only(feeds, session.inputNames), {
          ...named(written, state.next()),
          ...Object.fromEntries(Object.entries(told).map(([name, all]) => [name, row(all)])),
        });
        state.advance();
      }
      return resultOf(told);
    },
    release: () => session.release(),
  };
}

/** What the t-th step of a segment is given of data, gathered by us, and of other inputs. */
export function stepFeeds(options: ProgramOptions): (segment: Segment) => (t: number) => Tensors {
  const { task } = options;
  const [groups, batchSize] = batchShape(options);
  const declared = stepInputs(options);
  return (segment) => {
    const extra = extraInputs(declared, segment);
    return (t) => {
      const rows = segment.indices.subarray(t * groups * batchSize, (t + 1) * groups * batchSize);
      const own = extra.map((input) => {
        const size = sizeOf(input.shape);
        return [
          input.name,
          asTensor({ ...input, values: input.values.subarray(t * size, (t + 1) * size) }, input.shape),
        ];
      });
      return {
        ...gatherTensors(task.training, { prefix: trainingPrefix, indices: rows, leading: [groups, batchSize] }),
        ...(task.training.size === 0 ? {} : { indices: int32(rows, [groups, batchSize]) }),
        ...Object.fromEntries(own),
      };
    };
  };
}

function asTensor({ values }: StepInput & { readonly values: Float32Array | Int32Array }, shape: readonly number[]) {
  return values instanceof Int32Array ? int32(values, shape) : float32(values, shape);
}

type Told = Readonly<Record<string, Float32Array>> & { readonly losses: Float32Array };

function toldArrays({ told }: StepGraph, size: number): Told {
  const others = toldNames.filter((name) => name in told).map((name) => [name, new Float32Array(size)] as const);
  return { losses: new Float32Array(size), ...Object.fromEntries(others) };
}

function resultOf(told: Told): SegmentResult {
  const { losses, noisyLosses, meanRate, lowestRate, highestRate, gradientNorms, bounds } = told;
  const chosen = meanRate !== undefined && lowestRate !== undefined && highestRate !== undefined;
  return {
    losses,
    ...(noisyLosses === undefined ? {} : { noisyLosses }),
    ...(chosen ? { rates: { mean: meanRate, lowest: lowestRate, highest: highestRate } } : {}),
    ...(gradientNorms === undefined ? {} : { gradientNorms }),
    ...(bounds === undefined ? {} : { bounds }),
  };
}

function stepNumbers(firstStep: number, steps: number): Float32Array {
  return Float32Array.from({ length: steps }, (_, t) => firstStep + t);
}

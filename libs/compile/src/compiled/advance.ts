import type * as ort from "onnxruntime-node";
import type { ProgramOptions, Segment } from "../executor.js";
import { graphModel } from "../onnx/model.js";
import { dataTensors, gatherTensors, only, type Tensors } from "./data-tensors.js";
import { segmentModel } from "./segment-model.js";
import { openSession, type SessionSettings } from "./session.js";
import { float32, int32, type State } from "./state.js";
import { stepGraph, trainingPrefix } from "./step-graph.js";

/** A loaded training step. Holds no trial's state: any number of programs of the same options may use it. */
export interface Stepper {
  /** Takes a segment's steps; returns the losses `[T, K]`. */
  advance(state: State, segment: Segment): Promise<Float32Array>;
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
  const session = await openSession(segmentModel(step), settings);
  const read = step.state.map(({ name }) => `in_${name}`);
  const written = step.state.map((_, i) => `next${i}`);
  return {
    async advance(state, { steps, firstStep, indices, learningRates }) {
      const losses = new Float32Array(steps * cohortSize);
      const feeds: Tensors = {
        ...data,
        ...named(read, state.current()),
        all_learningRates: float32(learningRates, [steps, cohortSize]),
        all_step: float32(stepNumbers(firstStep, steps), [steps]),
        all_indices: int32(indices, [steps, groups, batchSize]),
      };
      await session.run(only(feeds, session.inputNames), {
        ...named(written, state.next()),
        losses: float32(losses, [steps, cohortSize]),
      });
      state.advance();
      return losses;
    },
    release: () => session.release(),
  };
}

/** One run a step, batches gathered beforehand: for a provider without loops, whose memory is not ours. */
export async function singleStepper(options: ProgramOptions, settings: SessionSettings): Promise<Stepper> {
  const { task, cohortSize } = options;
  const [groups, batchSize] = batchShape(options);
  const step = stepGraph(options, "before");
  const written = step.state.map((_, i) => `next${i}`);
  const next = Object.fromEntries(step.nextState.map((node, i) => [`next${i}`, node]));
  const session = await openSession(graphModel({ ...next, losses: step.losses }), settings);
  const read = step.state.map(({ name }) => name);
  return {
    async advance(state, { steps, firstStep, indices, learningRates }) {
      const losses = new Float32Array(steps * cohortSize);
      for (let t = 0; t < steps; t++) {
        const rows = indices.subarray(t * groups * batchSize, (t + 1) * groups * batchSize);
        const ofTrials = [t * cohortSize, (t + 1) * cohortSize] as const;
        const feeds: Tensors = {
          ...gatherTensors(task.training, { prefix: trainingPrefix, indices: rows, leading: [groups, batchSize] }),
          ...named(read, state.current()),
          learningRates: float32(learningRates.subarray(...ofTrials), [cohortSize]),
          step: float32(stepNumbers(firstStep + t, 1), []),
          indices: int32(rows, [groups, batchSize]),
        };
        await session.run(only(feeds, session.inputNames), {
          ...named(written, state.next()),
          losses: float32(losses.subarray(...ofTrials), [cohortSize]),
        });
        state.advance();
      }
      return losses;
    },
    release: () => session.release(),
  };
}

function stepNumbers(firstStep: number, steps: number): Float32Array {
  return Float32Array.from({ length: steps }, (_, t) => firstStep + t);
}

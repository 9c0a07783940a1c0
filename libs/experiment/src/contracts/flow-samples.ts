import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { actionsSchema } from "@stride/schedules/spec";
import { taskSpecSchema } from "@stride/tasks/spec";
import { agentAlgorithmSchema } from "../agent/algorithm.js";
import type { Environment, EpisodeBatch, PolicyUpdate } from "../agent/domain.js";

export interface SampleFlowOptions {
  /** "sample-agent" when left out. */
  readonly studyName?: string;
  readonly iteration?: number;
  /** How many batches; 2 when left out. */
  readonly batches?: number;
}

const environment: Environment = {
  steps: 40,
  every: 10,
  actions: actionsSchema.parse({ kind: "discrete" }),
  range: { lowest: 1e-3, highest: 10 },
  sees: { gradients: false, bound: true },
  reward: { signal: "train", divergencePenalty: 5 },
  stability: { bound: "ray", fraction: 1, clip: false, start: false },
};

/** A batch of two episodes; its policy is only a text. */
export function sampleBatch(options: SampleFlowOptions & { readonly position?: number } = {}): EpisodeBatch {
  const { studyName = "sample-agent", iteration = 0, position = 0 } = options;
  return {
    kind: "episodes",
    cohortId: `e-${studyName}-${iteration}-${position}`,
    studyName,
    iteration,
    position,
    purpose: "train",
    task: taskSpecSchema.parse({ kind: "quadratic", dimension: 4, conditionNumber: 10 }),
    optimizer: optimizerSpecSchema.parse({ kind: "sgd", momentum: 0 }),
    environment,
    exploration: { kind: "epsilon", epsilon: 0.1 + 1e-9 },
    starts: [0, 1].map((index) => ({ seed: 100 * position + index, learningRate: 0.1 + 1e-7 })),
    policy: `{"version":${iteration}}`,
  };
}

/** All work of one iteration; ids follow from the study's name and the numbers. */
export function sampleFlow(options: SampleFlowOptions = {}): {
  readonly update: PolicyUpdate;
  readonly batches: readonly EpisodeBatch[];
} {
  const { studyName = "sample-agent", iteration = 0, batches = 2 } = options;
  return {
    update: {
      kind: "update",
      cohortId: `u-${studyName}-${iteration}`,
      studyName,
      iteration,
      environment,
      algorithm: agentAlgorithmSchema.parse({ kind: "double-dqn" }),
      seed: 7,
      policy: `{"version":${iteration}}`,
      target: '{"version":0}',
    },
    batches: Array.from({ length: batches }, (_, position) => sampleBatch({ ...options, position })),
  };
}

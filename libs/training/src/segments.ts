import type { Segment } from "@stride/compile";
import type { Task } from "@stride/tasks";
import { createDataOrder } from "./data-order.js";

export interface SegmentBufferOptions {
  readonly task: Task;
  /** One a group of batches: one for the whole cohort, or one a trial. */
  readonly seeds: readonly number[];
  readonly cohortSize: number;
  /** Steps of the longest segment. */
  readonly longest: number;
}

/**
 * Makes segments in memory that is used again: the arrays of one hold until the next is asked for. Its rows are filled in, its
 * learning rates are left to the caller.
 */
export function createSegmentBuffer(options: SegmentBufferOptions): (firstStep: number, steps: number) => Segment {
  const { task, seeds, cohortSize, longest } = options;
  const { batchSize, training } = task;
  const order = training.size === 0 ? undefined : createDataOrder({ seeds, size: training.size, batchSize });
  const indicesPerStep = order?.indicesPerStep ?? 0;
  const indices = new Int32Array(longest * indicesPerStep);
  const learningRates = new Float32Array(longest * cohortSize);
  return (firstStep, steps) => {
    order?.fill(indices, firstStep, steps);
    return {
      steps,
      firstStep,
      indices: indices.subarray(0, steps * indicesPerStep),
      learningRates: learningRates.subarray(0, steps * cohortSize),
    };
  };
}

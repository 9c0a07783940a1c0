import type { Task } from "@stride/tasks";
import type { Segment } from "./executor.js";

/** Number of values in a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** `[trial][parameter]` to one array a parameter, `[K, ...shape]`. Throws when a length does not fit the task. */
export function stackTrials(task: Task, parameters: readonly (readonly Float32Array[])[], cohortSize: number) {
  if (parameters.length !== cohortSize) {
    throw new RangeError(`expected parameters of ${cohortSize} trials, got ${parameters.length}`);
  }
  return task.parameters.map(({ name, shape }, i) => {
    const size = sizeOf(shape);
    const stacked = new Float32Array(cohortSize * size);
    parameters.forEach((trial, k) => {
      const values = trial[i];
      if (values?.length !== size) {
        throw new RangeError(`trial ${k}: parameter ${name} needs ${size} values, got ${values?.length ?? "none"}`);
      }
      stacked.set(values, k * size);
    });
    return stacked;
  });
}

/** The inverse of `stackTrials`: copies, `[trial][parameter]`. */
export function splitTrials(task: Task, stacked: readonly Float32Array[], cohortSize: number): Float32Array[][] {
  return Array.from({ length: cohortSize }, (_, k) =>
    task.parameters.map(({ shape }, i) => {
      const size = sizeOf(shape);
      return (stacked[i] as Float32Array).slice(k * size, (k + 1) * size);
    }),
  );
}

/** What a segment's arrays must fit. */
interface SegmentShape {
  readonly indicesPerStep: number;
  readonly cohortSize: number;
  /** Rows of the training set. */
  readonly rows: number;
}

/** Throws when a segment's arrays do not have the lengths that its steps ask for, or rows that are not there. */
export function checkSegment({ steps, indices, learningRates }: Segment, shape: SegmentShape): void {
  if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`segment.steps must be at least 1, got ${steps}`);
  const [wantedIndices, wantedRates] = [steps * shape.indicesPerStep, steps * shape.cohortSize];
  if (indices.length !== wantedIndices) {
    throw new RangeError(`segment.indices needs ${wantedIndices} rows for ${steps} steps, got ${indices.length}`);
  }
  if (learningRates.length !== wantedRates) {
    throw new RangeError(
      `segment.learningRates needs ${wantedRates} values for ${steps} steps, got ${learningRates.length}`,
    );
  }
  checkRows(indices, shape.rows);
}

/** Throws when an index is no row: runtimes would take zeros, NaN or another row for it. */
export function checkRows(indices: Int32Array, rows: number): void {
  const outside = indices.find((row) => row < 0 || row >= rows);
  if (outside !== undefined) throw new RangeError(`the training set has rows 0 to ${rows - 1}, and no row ${outside}`);
}

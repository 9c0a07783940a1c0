import type { Task } from "@stride/tasks";

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

/** Throws when a segment's arrays do not have the lengths that its steps ask for. */
export function checkSegment(
  segment: { readonly steps: number; readonly indices: Int32Array; readonly learningRates: Float32Array },
  expected: { readonly indicesPerStep: number; readonly cohortSize: number },
): void {
  const { steps, indices, learningRates } = segment;
  if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`segment.steps must be at least 1, got ${steps}`);
  const wanted = steps * expected.indicesPerStep;
  if (indices.length !== wanted) {
    throw new RangeError(`segment.indices needs ${wanted} rows for ${steps} steps, got ${indices.length}`);
  }
  if (learningRates.length !== steps * expected.cohortSize) {
    throw new RangeError(
      `segment.learningRates needs ${steps * expected.cohortSize} values for ${steps} steps, got ${learningRates.length}`,
    );
  }
}

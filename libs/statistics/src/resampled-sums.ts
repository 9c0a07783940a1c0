import type { Stream } from "@stride/random";

/** Numbers summed for each cell. A fixed few, so that a resample's sums stay in registers. */
export const quantities = 4;

export interface ResampleOptions {
  /** Seeds of each task `[task]`, at least one task and one seed each. */
  readonly seedsPerTask: readonly number[];
  /** `[table][cell × quantities]`, row by row; cells are tasks in order, and seeds in order within. */
  readonly tables: readonly Float64Array[];
  readonly resamples: number;
  /** Resample b draws its uniforms at step b. */
  readonly stream: Stream;
}

/**
 * Sums of the tables' quantities under the hierarchical bootstrap, `[table][resample × quantities]`. Each resample draws as many tasks as
 * there are, with replacement, and for each task drawn as many of its seeds as it has, with replacement (afresh when a task
 * is drawn twice). With one task it is the ordinary bootstrap over seeds. All tables see the same draws.
 *
 * Davison & Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8.
 */
export function resampledSums({ seedsPerTask, tables, resamples, stream }: ResampleOptions): Float64Array[] {
  const sums = tables.map(() => new Float64Array(resamples * quantities));
  const firstCells = offsets(seedsPerTask);
  const cells = seedsPerTask.reduce((sum, seeds) => sum + seeds, 0);
  const draws = seedsPerTask.length * (1 + Math.max(...seedsPerTask));
  const weights = new Uint32Array(cells);
  const cellsDrawn = new Uint32Array(cells);
  for (let resample = 0; resample < resamples; resample++) {
    drawWeights(weights, { seedsPerTask, firstCells, uniforms: stream.uniforms(resample, draws) });
    let distinct = 0;
    for (let cell = 0; cell < cells; cell++) if (weights[cell] !== 0) cellsDrawn[distinct++] = cell;
    const drawn = cellsDrawn.subarray(0, distinct);
    for (const [i, table] of tables.entries()) {
      const row = (sums[i] as Float64Array).subarray(resample * quantities, (resample + 1) * quantities);
      addUp({ table, weights, drawn }, row);
    }
  }
  return sums;
}

/** Fills `weights` with how often each cell is drawn. */
function drawWeights(
  weights: Uint32Array,
  drawn: {
    readonly seedsPerTask: readonly number[];
    readonly firstCells: readonly number[];
    readonly uniforms: Float64Array;
  },
): void {
  const { seedsPerTask, firstCells, uniforms } = drawn;
  const tasks = seedsPerTask.length;
  weights.fill(0);
  let next = 0;
  for (let i = 0; i < tasks; i++) {
    const task = Math.floor((uniforms[next++] as number) * tasks);
    const seeds = seedsPerTask[task] as number;
    const first = firstCells[task] as number;
    for (let j = 0; j < seeds; j++) {
      const cell = first + Math.floor((uniforms[next++] as number) * seeds);
      weights[cell] = (weights[cell] as number) + 1;
    }
  }
}

/** Writes the weighted column sums of `table` into `row`; four locals, since a loop over the quantities is slower. */
function addUp(
  {
    table,
    weights,
    drawn,
  }: { readonly table: Float64Array; readonly weights: Uint32Array; readonly drawn: Uint32Array },
  row: Float64Array,
): void {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let i = 0; i < drawn.length; i++) {
    const cell = drawn[i] as number;
    const weight = weights[cell] as number;
    const start = cell * quantities;
    first += weight * (table[start] as number);
    second += weight * (table[start + 1] as number);
    third += weight * (table[start + 2] as number);
    fourth += weight * (table[start + 3] as number);
  }
  row[0] = first;
  row[1] = second;
  row[2] = third;
  row[3] = fourth;
}

/** Index of each task's first cell. */
function offsets(seedsPerTask: readonly number[]): number[] {
  let first = 0;
  return seedsPerTask.map((seeds) => {
    first += seeds;
    return first - seeds;
  });
}

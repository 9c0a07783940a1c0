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
  const counts = new Uint32Array(cells);
  for (let resample = 0; resample < resamples; resample++) {
    countDraws(counts, { seedsPerTask, firstCells, uniforms: stream.uniforms(resample, draws) });
    const drawn = drawnCells(counts);
    for (const [i, table] of tables.entries()) addUp(table, drawn, sums[i] as Float64Array, resample * quantities);
  }
  return sums;
}

/** Fills `counts` with how often each cell is drawn. */
function countDraws(
  counts: Uint32Array,
  drawn: {
    readonly seedsPerTask: readonly number[];
    readonly firstCells: readonly number[];
    readonly uniforms: Float64Array;
  },
): void {
  const { seedsPerTask, firstCells, uniforms } = drawn;
  const tasks = seedsPerTask.length;
  counts.fill(0);
  let next = 0;
  for (let i = 0; i < tasks; i++) {
    const task = Math.floor((uniforms[next++] as number) * tasks);
    const seeds = seedsPerTask[task] as number;
    const first = firstCells[task] as number;
    for (let j = 0; j < seeds; j++) {
      const cell = first + Math.floor((uniforms[next++] as number) * seeds);
      counts[cell] = (counts[cell] as number) + 1;
    }
  }
}

/** The cells drawn at all, `[distinct]`: where each one's row starts in a table, and how often it was drawn. */
interface DrawnCells {
  readonly starts: Uint32Array;
  readonly weights: Float64Array;
}

function drawnCells(counts: Uint32Array): DrawnCells {
  const starts = new Uint32Array(counts.length);
  const weights = new Float64Array(counts.length);
  let distinct = 0;
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] as number;
    if (count === 0) continue;
    starts[distinct] = cell * quantities;
    weights[distinct] = count;
    distinct++;
  }
  return { starts: starts.subarray(0, distinct), weights: weights.subarray(0, distinct) };
}

/** Writes the weighted column sums of `table` at `row` of `sums`. Four locals: a loop over the quantities is slower. */
function addUp(table: Float64Array, { starts, weights }: DrawnCells, sums: Float64Array, row: number): void {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] as number;
    const weight = weights[i] as number;
    first += weight * (table[start] as number);
    second += weight * (table[start + 1] as number);
    third += weight * (table[start + 2] as number);
    fourth += weight * (table[start + 3] as number);
  }
  sums[row] = first;
  sums[row + 1] = second;
  sums[row + 2] = third;
  sums[row + 3] = fourth;
}

/** Index of each task's first cell. */
function offsets(seedsPerTask: readonly number[]): number[] {
  let first = 0;
  return seedsPerTask.map((seeds) => {
    first += seeds;
    return first - seeds;
  });
}

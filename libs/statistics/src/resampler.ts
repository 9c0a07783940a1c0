import type { Stream } from "@stride/random";

/** Numbers summed for each cell. A fixed few, so that a resample's sums stay in registers. */
export const quantities = 4;

export interface ResamplerOptions {
  readonly resamples: number;
  readonly stream: Stream;
}

/**
 * The hierarchical bootstrap, in two stages: each task's seeds are resampled, and of the tasks' resampled sums as many are drawn
 * as there are tasks, task and resample with replacement. All tables of one size see the same draws.
 *
 * Davison & Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8. There a task that is drawn has its seeds
 * drawn afresh; here it takes one of its `resamples` sums, which are needed anyway, so that two draws of one task agree with
 * chance 1 / `resamples`.
 */
export interface Resampler {
  /** Sums over n seeds drawn from n, of a table `[seed × quantities]`: `[resample × quantities]`. */
  ofSeeds(table: Float64Array): Float64Array;
  /** Sums over T tasks drawn from T, given what `ofSeeds` gave for each: `[resample × quantities]`. */
  ofTasks(tasks: readonly Float64Array[]): Float64Array;
}

export function createResampler({ resamples, stream }: ResamplerOptions): Resampler {
  const seedDraws = new Map<number, DrawnSeeds>();
  const taskDraws = new Map<number, Uint32Array>();
  return {
    ofSeeds(table) {
      const seeds = table.length / quantities;
      const drawn = seedDraws.get(seeds) ?? drawSeeds(seeds, { resamples, stream });
      seedDraws.set(seeds, drawn);
      const sums = new Float64Array(resamples * quantities);
      for (let resample = 0; resample < resamples; resample++) addUp(table, drawn, sums, resample);
      return sums;
    },
    ofTasks(tasks) {
      const drawn = taskDraws.get(tasks.length) ?? drawTasks(tasks.length, { resamples, stream });
      taskDraws.set(tasks.length, drawn);
      const sums = new Float64Array(resamples * quantities);
      for (let draw = 0; draw < drawn.length; draw += 2) {
        const task = tasks[drawn[draw] as number] as Float64Array;
        const from = (drawn[draw + 1] as number) * quantities;
        const into = Math.floor(draw / 2 / tasks.length) * quantities;
        for (let i = 0; i < quantities; i++) sums[into + i] = (sums[into + i] as number) + (task[from + i] as number);
      }
      return sums;
    },
  };
}

/** The seeds drawn at all in each resample: where each one's row starts in a table, and how often it was drawn. */
interface DrawnSeeds {
  readonly starts: Uint32Array;
  readonly weights: Float64Array;
  /** `[resample + 1]`: a resample's entries are from its own to the next one's. */
  readonly firsts: Uint32Array;
}

function drawSeeds(seeds: number, { resamples, stream }: ResamplerOptions): DrawnSeeds {
  const starts = new Uint32Array(resamples * seeds);
  const weights = new Float64Array(resamples * seeds);
  const firsts = new Uint32Array(resamples + 1);
  const counts = new Uint32Array(seeds);
  let entries = 0;
  for (let resample = 0; resample < resamples; resample++) {
    counts.fill(0);
    for (const uniform of stream.uniforms(resample, seeds)) {
      const seed = Math.floor(uniform * seeds);
      counts[seed] = (counts[seed] as number) + 1;
    }
    for (let seed = 0; seed < seeds; seed++) {
      if (counts[seed] === 0) continue;
      starts[entries] = seed * quantities;
      weights[entries] = counts[seed] as number;
      entries++;
    }
    firsts[resample + 1] = entries;
  }
  return { starts: starts.slice(0, entries), weights: weights.slice(0, entries), firsts };
}

/** `[resample × task × 2]`: the task and which of its resamples. Its steps follow those of the seeds' draws. */
function drawTasks(tasks: number, { resamples, stream }: ResamplerOptions): Uint32Array {
  const drawn = new Uint32Array(resamples * tasks * 2);
  for (let resample = 0; resample < resamples; resample++) {
    const uniforms = stream.uniforms(resamples + resample, 2 * tasks);
    for (let i = 0; i < 2 * tasks; i += 2) {
      drawn[resample * tasks * 2 + i] = Math.floor((uniforms[i] as number) * tasks);
      drawn[resample * tasks * 2 + i + 1] = Math.floor((uniforms[i + 1] as number) * resamples);
    }
  }
  return drawn;
}

/** Writes the weighted column sums of a resample's rows. Four locals: a loop over the quantities is slower. */
function addUp(
  table: Float64Array,
  { starts, weights, firsts }: DrawnSeeds,
  sums: Float64Array,
  resample: number,
): void {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  const end = firsts[resample + 1] as number;
  for (let i = firsts[resample] as number; i < end; i++) {
    const start = starts[i] as number;
    const weight = weights[i] as number;
    first += weight * (table[start] as number);
    second += weight * (table[start + 1] as number);
    third += weight * (table[start + 2] as number);
    fourth += weight * (table[start + 3] as number);
  }
  sums[resample * quantities] = first;
  sums[resample * quantities + 1] = second;
  sums[resample * quantities + 2] = third;
  sums[resample * quantities + 3] = fourth;
}

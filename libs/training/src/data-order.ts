import { randomStream, type Stream } from "@stride/random";

export interface DataOrderOptions {
  /** One a group of batches: one for the whole cohort, or one a trial. */
  readonly seeds: readonly number[];
  /** Rows of the training set. */
  readonly size: number;
  readonly batchSize: number;
}

/** Which rows each step trains on: a pure function of the seed and the step. */
export interface DataOrder {
  /** Numbers that one step takes in `fill`. */
  readonly indicesPerStep: number;
  /** Writes the rows of `steps` steps from `firstStep` on, `[steps, seeds, batchSize]`. */
  fill(target: Int32Array, firstStep: number, steps: number): void;
}

/**
 * Epoch after epoch, each a fresh permutation of the rows cut into batches; rows that do not fill a last batch sit that epoch
 * out. Trials of one seed get the same rows whatever they do with them.
 */
export function createDataOrder({ seeds, size, batchSize }: DataOrderOptions): DataOrder {
  const batchesPerEpoch = Math.floor(size / batchSize);
  const shuffles = new Map(seeds.map((seed) => [seed, createShuffle(seed, size)] as const));
  return {
    indicesPerStep: seeds.length * batchSize,
    fill(target, firstStep, steps) {
      let position = 0;
      for (let step = firstStep; step < firstStep + steps; step++) {
        const epoch = Math.floor(step / batchesPerEpoch);
        const start = (step - epoch * batchesPerEpoch) * batchSize;
        for (const seed of seeds) {
          const rows = (shuffles.get(seed) as Shuffle)(epoch);
          target.set(rows.subarray(start, start + batchSize), position);
          position += batchSize;
        }
      }
    },
  };
}

/** The order of an epoch's rows. */
type Shuffle = (epoch: number) => Uint32Array;

/** Remembers the epoch it was last asked for: steps come in order, and a permutation costs as much as thousands of steps. */
function createShuffle(seed: number, size: number): Shuffle {
  const stream: Stream = randomStream({ seed, purpose: "data-order" });
  let current: { readonly epoch: number; readonly rows: Uint32Array } = { epoch: -1, rows: new Uint32Array() };
  return (epoch) => {
    if (epoch !== current.epoch) current = { epoch, rows: stream.permutation(epoch, size) };
    return current.rows;
  };
}

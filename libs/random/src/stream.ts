import { requireInteger } from "./arguments.js";
import { log, smallCosine, smallSine } from "./elementary.js";
import { shuffled } from "./shuffle.js";
import { highWord, lowWord, streamKey } from "./stream-key.js";
import { threefry4x32 } from "./threefry.js";

export interface StreamOptions {
  /** A non-negative safe integer. */
  readonly seed: number;
  /** What the numbers are for, for example "data-order": each purpose has numbers of its own. */
  readonly purpose: string;
}

/**
 * Random numbers, each a pure function of (seed, purpose, step, index) and of the kind asked for: nothing is consumed, nothing has to be
 * replayed, and uniforms, normals, integers and permutations of the same place are independent. The same to the bit on every
 * machine. Steps, indices and counts are non-negative safe integers; every function throws RangeError on others.
 */
export interface Stream {
  /** In [0, 1), a multiple of 2^-53. */
  uniform(step: number, index: number): number;
  /** Standard normal; its magnitude is below 8.6. */
  normal(step: number, index: number): number;
  /** In {0, …, below − 1}, each equally likely; `below` from 1 to 2^53 − 1. */
  integer(step: number, index: number, below: number): number;
  /** Entry i is `uniform(step, i)`. */
  uniforms(step: number, count: number): Float64Array;
  /** Entry i is `normal(step, i)`. */
  normals(step: number, count: number): Float64Array;
  /** 0 to length − 1 in random order, each order equally likely; `length` up to 2^32 − 1. */
  permutation(step: number, length: number): Uint32Array;
}

/** Kinds of numbers, kept apart by the top bits of the counter that no index reaches. */
const kinds = { uniform: 0, normal: 1 << 28, integer: 2 << 28, permutation: 3 << 28 } as const;

/** The stream of a seed and a purpose. Throws RangeError on a seed that is not a non-negative safe integer. */
export function randomStream({ seed, purpose }: StreamOptions): Stream {
  requireInteger("seed", seed, { max: Number.MAX_SAFE_INTEGER });
  const key = streamKey(seed, purpose);
  // Scratch, rewritten before every reading: results depend on the arguments alone.
  const words = new Int32Array(4);
  const pair = new Float64Array(2);

  /** Fills `words` for a place: bits 0 to 52 of the counter are the block, 64 to 116 the step; the kind and the attempt lie above. */
  function draw(kind: number, step: number, block: number, attempt = 0): void {
    threefry4x32(key, lowWord(block), highWord(block) | kind, lowWord(step), highWord(step) | (attempt << 21), words);
  }

  /** The first or the second double in [0, 1) of the words drawn. */
  function double(which: 0 | 1): number {
    const high = (words[2 * which] as number) >>> 5;
    const low = (words[2 * which + 1] as number) >>> 6;
    return (high * 2 ** 26 + low) * 2 ** -53;
  }

  /** Box & Muller, 1958: two uniforms of the words drawn become two normals in `pair`. */
  function drawNormals(): void {
    const radius = Math.sqrt(-2 * log(1 - double(0)));
    const turn = 4 * double(1);
    const quarter = Math.round(turn);
    const angle = (turn - quarter) * (Math.PI / 2);
    const x = radius * smallCosine(angle);
    const y = radius * smallSine(angle);
    const swapped = (quarter & 1) === 1;
    const sign = (quarter & 2) === 0 ? 1 : -1;
    pair[0] = sign * (swapped ? -y : x);
    pair[1] = sign * (swapped ? x : y);
  }

  return {
    uniform(step, index) {
      requirePlace(step, index);
      draw(kinds.uniform, step, Math.floor(index / 2));
      return double(index % 2 === 0 ? 0 : 1);
    },
    normal(step, index) {
      requirePlace(step, index);
      draw(kinds.normal, step, Math.floor(index / 2));
      drawNormals();
      return pair[index % 2] as number;
    },
    integer(step, index, below) {
      requirePlace(step, index);
      requireInteger("below", below, { min: 1, max: Number.MAX_SAFE_INTEGER });
      // 2^53 numbers in equal shares; a number of the incomplete last share is drawn again.
      const usable = 2 ** 53 - (2 ** 53 % below);
      for (let attempt = 0; ; attempt++) {
        draw(kinds.integer, step, index, attempt);
        for (const which of [0, 1] as const) {
          const value = double(which) * 2 ** 53;
          if (value < usable) return value % below;
        }
      }
    },
    uniforms(step, count) {
      requireBulk(step, count);
      const values = new Float64Array(count);
      for (let i = 0; i < count; i += 2) {
        draw(kinds.uniform, step, i / 2);
        values[i] = double(0);
        if (i + 1 < count) values[i + 1] = double(1);
      }
      return values;
    },
    normals(step, count) {
      requireBulk(step, count);
      const values = new Float64Array(count);
      for (let i = 0; i < count; i += 2) {
        draw(kinds.normal, step, i / 2);
        drawNormals();
        values[i] = pair[0] as number;
        if (i + 1 < count) values[i + 1] = pair[1] as number;
      }
      return values;
    },
    permutation(step, length) {
      requireInteger("step", step, { max: Number.MAX_SAFE_INTEGER });
      requireInteger("length", length, { max: 2 ** 32 - 1 });
      let block = 0;
      let used = 4;
      return shuffled(length, () => {
        if (used === 4) {
          draw(kinds.permutation, step, block++);
          used = 0;
        }
        return (words[used++] as number) >>> 0;
      });
    },
  };
}

function requirePlace(step: number, index: number): void {
  requireInteger("step", step, { max: Number.MAX_SAFE_INTEGER });
  requireInteger("index", index, { max: Number.MAX_SAFE_INTEGER });
}

function requireBulk(step: number, count: number): void {
  requireInteger("step", step, { max: Number.MAX_SAFE_INTEGER });
  requireInteger("count", count, { max: 2 ** 32 - 1 });
}

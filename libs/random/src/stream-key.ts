import { threefry4x32, type Words } from "./threefry.js";

/**
 * The 128-bit key of a stream: the seed as it is, 64 bits, and 64 bits of a hash of the purpose. So seeds never collide within a
 * purpose.
 */
export function streamKey(seed: number, purpose: string): Words {
  const hash = hashText(purpose);
  return Int32Array.of(lowWord(seed), highWord(seed), hash[0] as number, hash[1] as number);
}

/** Bits 0 to 31 of a non-negative safe integer. */
export function lowWord(value: number): number {
  return value | 0;
}

/** Bits 32 to 52 of a non-negative safe integer. */
export function highWord(value: number): number {
  return Math.floor(value / 2 ** 32);
}

/** Matyas–Meyer–Oseas over Threefry: each block of four UTF-16 code units is encrypted under the hash so far; the length comes last. */
function hashText(text: string): Words {
  let hash = new Int32Array(4);
  for (let start = 0; start < text.length; start += 4) hash = absorb(hash, blockAt(text, start));
  return absorb(hash, Int32Array.of(text.length, 0, 0, 1));
}

function blockAt(text: string, start: number): Words {
  return Int32Array.from({ length: 4 }, (_, i) => (start + i < text.length ? text.charCodeAt(start + i) : 0));
}

function absorb(hash: Words, block: Words): Int32Array<ArrayBuffer> {
  const [b0, b1, b2, b3] = block as unknown as readonly [number, number, number, number];
  const out = new Int32Array(4);
  threefry4x32(hash, b0, b1, b2, b3, out);
  return out.map((word, i) => word ^ (block[i] as number));
}

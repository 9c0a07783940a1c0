import { describe, expect, it } from "vitest";
import { threefry4x32 } from "./threefry.js";

/** From Random123's tests/kat_vectors, lines `threefry4x32 20`: counter, key, output. */
const knownAnswers = [
  {
    counter: "00000000 00000000 00000000 00000000",
    key: "00000000 00000000 00000000 00000000",
    expected: "9c6ca96a e17eae66 fc10ecd4 5256a7d8",
  },
  {
    counter: "ffffffff ffffffff ffffffff ffffffff",
    key: "ffffffff ffffffff ffffffff ffffffff",
    expected: "2a881696 57012287 f6c7446e a16a6732",
  },
  {
    counter: "243f6a88 85a308d3 13198a2e 03707344",
    key: "a4093822 299f31d0 082efa98 ec4e6c89",
    expected: "59cd1dbb b8879579 86b5d00c ac8b6d84",
  },
];

describe("threefry4x32", () => {
  it.each(knownAnswers)("gives Random123's known answer $expected", ({ counter, key, expected }) => {
    expect(hex(encrypt(words(key), words(counter)))).toBe(expected);
  });

  it("changes about half of the output's bits with any bit of the counter or the key", () => {
    const key = words("00000001 00000002 00000003 00000004");
    const counter = words("00000005 00000006 00000007 00000008");
    const original = encrypt(key, counter);
    for (let bit = 0; bit < 128; bit++) {
      for (const changed of [encrypt(flip(key, bit), counter), encrypt(key, flip(counter, bit))]) {
        const different = changed.reduce((sum, word, i) => sum + ones(word ^ (original[i] as number)), 0);
        // 64 of 128 bits, standard deviation 5.66.
        expect(Math.abs(different - 64)).toBeLessThan(5 * 5.66);
      }
    }
  });
});

function encrypt(key: Int32Array, counter: Int32Array): Int32Array {
  const [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
  const out = new Int32Array(4);
  threefry4x32(key, c0, c1, c2, c3, out);
  return out;
}

function words(text: string): Int32Array {
  return Int32Array.from(text.split(" "), (word) => Number.parseInt(word, 16) | 0);
}

function hex(values: Int32Array): string {
  return Array.from(values, (value) => (value >>> 0).toString(16).padStart(8, "0")).join(" ");
}

function flip(values: Int32Array, bit: number): Int32Array {
  const flipped = values.slice();
  flipped[bit >> 5] = (flipped[bit >> 5] as number) ^ (1 << (bit & 31));
  return flipped;
}

function ones(word: number): number {
  return (word >>> 0).toString(2).replaceAll(/[^1]/g, "").length;
}

import { expect, it } from "vitest";
import { shuffled } from "./shuffle.js";

it.each([
  { words: [0, 1], expected: [2, 1, 0], why: "swaps the last with the first, then keeps" },
  { words: [2, 0], expected: [1, 0, 2], why: "keeps the last, then swaps the first two" },
  { words: [4, 2], expected: [2, 0, 1], why: "takes words modulo the numbers that are left" },
  { words: [2 ** 32 - 1, 0, 1], expected: [2, 1, 0], why: "skips the one word of 2^32 that thirds leave over" },
])("$why", ({ words, expected }) => {
  const left = words.values();
  expect([...shuffled(3, () => left.next().value as number)]).toEqual(expected);
  expect(left.next().done).toBe(true);
});

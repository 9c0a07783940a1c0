import { expect, it } from "vitest";
import { parseIdx } from "./idx.js";

const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);

it("reads the extents and the values", () => {
  const { shape, values } = parseIdx(file);
  expect(shape).toEqual([2, 3]);
  expect([...values]).toEqual([1, 2, 3, 4, 5, 6]);
});

it("reads a view into a larger buffer", () => {
  const padded = new Uint8Array(file.length + 5);
  padded.set(file, 5);
  expect(parseIdx(padded.subarray(5))).toEqual(parseIdx(file));
});

it.each([
  { what: "an empty file", bytes: Uint8Array.of(), message: /not an IDX file/ },
  { what: "another format", bytes: Uint8Array.of(0x1f, 0x8b, 8, 0, 0), message: /not an IDX file/ },
  { what: "a header cut short", bytes: file.subarray(0, 10), message: /not an IDX file/ },
  { what: "floats", bytes: Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 0), message: /type 0xd/ },
  { what: "values cut short", bytes: file.subarray(0, 17), message: /2 × 3 has 18 bytes, this one 17/ },
])("refuses $what", ({ bytes, message }) => {
  expect(() => parseIdx(bytes)).toThrow(message);
});

import { expect, it } from "vitest";
import { readImages } from "./class-file.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const file = bytes('{"data":[[0,1],[20,255],[],[3,4],[5,6],[]]}');

it.each([
  { wanted: [0], expected: [[0, 1]] },
  {
    wanted: [1, 2],
    expected: [
      [20, 255],
      [3, 4],
    ],
  },
  { wanted: [3], expected: [[5, 6]] },
  { wanted: [], expected: [] },
])("reads images $wanted, not counting empty ones", ({ wanted, expected }) => {
  expect(readImages(file, { wanted, pixels: 2 }).map((image) => [...image])).toEqual(expected);
});

it.each([
  {
    what: "an image that is not there",
    text: '{"data":[[1,2]]}',
    wanted: [1],
    message: "1 images, asked for number 1",
  },
  { what: "an empty file", text: "", wanted: [0], message: "0 images" },
  { what: "too many pixels", text: '{"data":[[1,2,3]]}', wanted: [0], message: "3 pixels instead of 2" },
  { what: "too few", text: '{"data":[[1]]}', wanted: [0], message: "1 pixels instead of 2" },
  { what: "a pixel too bright", text: '{"data":[[1,256]]}', wanted: [0], message: "above 255" },
  { what: "a fraction", text: '{"data":[[1,0.5]]}', wanted: [0], message: "byte 0x2e" },
])("refuses $what", ({ text, wanted, message }) => {
  expect(() => readImages(bytes(text), { wanted, pixels: 2 })).toThrow(message);
});

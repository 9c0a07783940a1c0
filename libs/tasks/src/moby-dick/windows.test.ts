import { expect, it } from "vitest";
import type { DataSet } from "../task.js";
import { mobyDick } from "./moby-dick.js";
import { mobyDickWindows } from "./windows.js";

const array = ({ arrays }: DataSet, name: string) => arrays.find((one) => one.name === name)?.values as Int32Array;
const spelled = async (numbers: Iterable<number>) => {
  const { characters } = await mobyDick();
  return Array.from(numbers, (number) => characters[number]).join("");
};

it("reads the book, 1.2 million characters of 89 kinds, in its order", async () => {
  const { characters, text } = await mobyDick();
  expect(characters.length).toBe(89);
  expect(text.length).toBeGreaterThan(1_200_000);
  const all = await spelled(text);
  expect(all).toContain("Call me Ishmael. Some years ago—never mind how long precisely—");
  expect(all.slice(-30)).toMatch(/another orphan\.\s*$/);
  expect(all.indexOf("Call me Ishmael")).toBeLessThan(all.indexOf("the devious-cruising Rachel"));
});

it("gives each character the one that follows it", async () => {
  const windows = await mobyDickWindows({ split: "training", count: 7, length: 12 });
  expect(windows.size).toBe(7);
  const [characters, next] = [array(windows, "characters"), array(windows, "next")];
  const { text } = await mobyDick();
  expect([...characters.subarray(0, 12)]).toEqual([...text.subarray(0, 12)]);
  for (let i = 0; i < 7; i++) {
    expect([...next.subarray(12 * i, 12 * i + 11)]).toEqual([...characters.subarray(12 * i + 1, 12 * i + 12)]);
  }
});

it("holds out the last tenth", async () => {
  const { text } = await mobyDick();
  const boundary = Math.floor(0.9 * text.length);
  const count = text.length;
  const training = array(await mobyDickWindows({ split: "training", count, length: 1 }), "next");
  const heldOut = array(await mobyDickWindows({ split: "heldOut", count, length: 1 }), "characters");
  expect(training.at(-1)).toBe(text[boundary - 1]);
  expect(await spelled(heldOut.subarray(0, 1))).toBe(await spelled(text.subarray(boundary, boundary + 1)));
  expect(array(await mobyDickWindows({ split: "heldOut", count: 1, length: 40 }), "characters")).toEqual(
    Int32Array.from(text.subarray(boundary, boundary + 40)),
  );
});

it("is cut once", () => {
  const request = { split: "heldOut", count: 3, length: 4 } as const;
  expect(mobyDickWindows(request)).toBe(mobyDickWindows({ ...request }));
});

import { expect, it } from "vitest";
import type { Photograph } from "../photographs/photographs.js";
import { cutPatches, patches } from "./patches.js";

/** Pictures whose pixels say where they are: whole numbers of 100 · row + column. */
const numbered = (width: number, height: number): Photograph => ({
  width,
  height,
  brightness: Float32Array.from({ length: width * height }, (_, i) => 100 * Math.floor(i / width) + (i % width)),
});

it("cuts squares out of a picture", () => {
  const patch = cutPatches([numbered(50, 20)], { part: "training", count: 1, side: 3 });
  const [corner] = patch;
  expect([...patch].map((value) => value - (corner as number))).toEqual([0, 1, 2, 100, 101, 102, 200, 201, 202]);
});

it("holds the right fifth of each picture out, and uses all of both parts", () => {
  const pictures = [numbered(50, 20), numbered(30, 20)];
  const columnsOf = (part: "training" | "held-out", picture: number) => {
    const values = cutPatches(pictures, { part, count: 2000, side: 2 });
    const columns = [...values].filter((_, i) => Math.floor(i / 4) % 2 === picture).map((value) => value % 100);
    return [Math.min(...columns), Math.max(...columns)];
  };
  expect(columnsOf("training", 0)).toEqual([0, 39]);
  expect(columnsOf("held-out", 0)).toEqual([40, 49]);
  expect(columnsOf("training", 1)).toEqual([0, 23]);
  expect(columnsOf("held-out", 1)).toEqual([24, 29]);
});

it("gives tasks on the same patches one data set, of brightness in [0, 1]", async () => {
  const spec = { kind: "nmf", data: "photographs", side: 8, rank: 2, batch: 4, rows: 40, evaluationRows: 12 } as const;
  const [first, second] = [await patches(spec), await patches({ ...spec, rank: 5 })];
  expect(second.training).toBe(first.training);
  expect(second.evaluation).toBe(first.evaluation);
  expect({ columns: first.columns, rows: first.training.size, held: first.evaluation.size }).toEqual({
    columns: 64,
    rows: 40,
    held: 12,
  });
  const values = [...(first.training.arrays[0]?.values ?? [])];
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThanOrEqual(1);
  expect(new Set(values).size).toBeGreaterThan(100);
});

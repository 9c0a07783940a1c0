import { expect, it } from "vitest";
import { photograph, photographNames } from "./photographs.js";

it.each([
  { name: "airplane-from-above", width: 1024, height: 717 },
  { name: "allium-oreophilum", width: 807, height: 1024 },
  { name: "french-alpine-landscape", width: 1024, height: 484 },
  { name: "nagasaki-boats", width: 1024, height: 819 },
] as const)("reads $name, $width × $height, brightness in [0, 1]", async ({ name, width, height }) => {
  const read = await photograph(name);
  expect({ width: read.width, height: read.height, pixels: read.brightness.length }).toEqual({
    width,
    height,
    pixels: width * height,
  });
  const [least, most] = read.brightness.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const,
    [1, 0] as readonly [number, number],
  );
  expect(least).toBeGreaterThanOrEqual(0);
  expect(most).toBeLessThanOrEqual(1);
  // A picture, not a constant.
  expect(most - least).toBeGreaterThan(0.5);
});

it("is read once", () => {
  const [name] = photographNames;
  expect(photograph(name)).toBe(photograph(name));
});

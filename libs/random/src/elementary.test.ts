import fc from "fast-check";
import { expect, it } from "vitest";
import { log, smallCosine, smallSine } from "./elementary.js";

const runs = { seed: 1, numRuns: 2000 };

it("log agrees with Math.log to rounding on (0, 1] and far beyond", () => {
  const positive = fc.oneof(
    fc.double({ min: 2 ** -53, max: 1, noNaN: true }),
    fc.double({ min: 2 ** -1022, max: Number.MAX_VALUE, noNaN: true }),
  );
  fc.assert(
    fc.property(positive, (x) => {
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(Math.log(x))));
    }),
    runs,
  );
});

it.each([
  { x: 1, expected: 0 },
  { x: 2, expected: Math.LN2 },
  { x: 0.25, expected: -2 * Math.LN2 },
])("log($x) is $expected", ({ x, expected }) => expect(log(x)).toBe(expected));

it("the small sine and cosine agree with Math's to rounding up to π/4", () => {
  fc.assert(
    fc.property(fc.double({ min: -Math.PI / 4, max: Math.PI / 4, noNaN: true }), (x) => {
      expect(Math.abs(smallCosine(x) - Math.cos(x))).toBeLessThanOrEqual(3e-16);
      expect(Math.abs(smallSine(x) - Math.sin(x))).toBeLessThanOrEqual(3e-16 * Math.abs(x));
    }),
    runs,
  );
});

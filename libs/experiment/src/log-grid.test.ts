import fc from "fast-check";
import { expect, it } from "vitest";
import { logGrid } from "./log-grid.js";

it.each([
  { from: 0.001, to: 1, points: 4, rates: [0.001, 0.01, 0.1, 1] },
  { from: 0.1, to: 0.4, points: 3, rates: [0.1, 0.2, 0.4] },
  { from: 0.5, to: 0.5, points: 1, rates: [0.5] },
])("has $points points from $from to $to", ({ rates, ...grid }) => {
  expect(logGrid(grid)).toEqual(rates);
});

it("rises by equal factors from end to end", () => {
  const rate = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
  fc.assert(
    fc.property(
      rate,
      fc.double({ min: 1.1, max: 1e4, noNaN: true }),
      fc.integer({ min: 2, max: 50 }),
      (from, ratio, points) => {
        const rates = logGrid({ from, to: from * ratio, points });
        expect(rates).toHaveLength(points);
        expect((rates[0] as number) / from).toBeCloseTo(1, 10);
        expect((rates[points - 1] as number) / (from * ratio)).toBeCloseTo(1, 10);
        const step = ratio ** (1 / (points - 1));
        for (let i = 1; i < points; i += 1)
          expect((rates[i] as number) / (rates[i - 1] as number)).toBeCloseTo(step, 6);
      },
    ),
  );
});

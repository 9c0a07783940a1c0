import fc from "fast-check";
import { expect, it } from "vitest";
import { createDataOrder, type DataOrderOptions } from "./data-order.js";

const rowsOf = (options: DataOrderOptions, firstStep: number, steps: number) => {
  const order = createDataOrder(options);
  const rows = new Int32Array(steps * order.indicesPerStep);
  order.fill(rows, firstStep, steps);
  return [...rows];
};

it("takes each row once an epoch, in an order of its own", () => {
  const options = { seeds: [1], size: 12, batchSize: 4 };
  const epochs = [0, 1].map((epoch) => rowsOf(options, 3 * epoch, 3));
  for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(epochs[0]).not.toEqual(epochs[1]);
});

it("leaves out the rows that do not fill a batch, others each epoch", () => {
  const options = { seeds: [1], size: 11, batchSize: 4 };
  const epochs = Array.from({ length: 20 }, (_, epoch) => new Set(rowsOf(options, 2 * epoch, 2)));
  for (const epoch of epochs) expect(epoch.size).toBe(8);
  expect(new Set(epochs.flatMap((epoch) => [...epoch])).size).toBe(11);
});

it("gives a seed the same rows alone and beside others", () => {
  const size = { size: 10, batchSize: 2 };
  const [together, one, two] = [[7, 9, 7], [7], [9]].map((seeds) => rowsOf({ seeds, ...size }, 0, 8));
  const expected = Array.from({ length: 8 }, (_, t) =>
    [one, two, one].flatMap((rows) => rows?.slice(2 * t, 2 * t + 2)),
  );
  expect(together).toEqual(expected.flat());
  expect(one).not.toEqual(two);
});

it("depends on the step alone, wherever a segment begins", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 30 }), (firstStep, steps) => {
      const options = { seeds: [3, 4], size: 23, batchSize: 5 };
      expect(rowsOf(options, firstStep, steps)).toEqual(
        rowsOf(options, 0, 100).slice(10 * firstStep, 10 * (firstStep + steps)),
      );
    }),
  );
});

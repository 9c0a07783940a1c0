import type { LineSearch } from "@stride/optimizers";
import { expect, it } from "vitest";
import { searchRates } from "./search-rates.js";

/** Halves a rate until it is at most what the loss says, four times at most; then takes 9 and goes on from 5. */
const halving: LineSearch = {
  propose: (previous, learningRate) => previous ?? learningRate,
  judge({ rate, triesBefore, loss }) {
    if (rate <= loss) return { kind: "take", rate };
    return triesBefore === 3 ? { kind: "take", rate: 9, goesOnFrom: 5 } : { kind: "try", rate: rate / 2 };
  },
};

it("searches for all trials together, each with its own count, and waits for nobody at another's cost", async () => {
  const tried: number[][] = [];
  const found = await searchRates({
    search: halving,
    previous: [undefined, 2, undefined, undefined],
    learningRates: Float32Array.of(1, 1, 8, 4),
    losses: Float32Array.of(1, 0.5, 0.1, Number.NaN),
    squaredNorms: new Float32Array(4),
    async try(rates) {
      tried.push([...rates]);
      return { losses: new Float32Array(4), promised: new Float32Array(4) };
    },
  });
  expect(tried).toEqual([
    [1, 2, 8, 4],
    [1, 1, 4, 4],
    [1, 0.5, 2, 4],
    [1, 0.5, 1, 4],
  ]);
  expect([...found.rates]).toEqual([1, 0.5, 9, 4]);
  // The lost one tries nothing.
  expect([...found.tries]).toEqual([1, 3, 4, 0]);
  expect(found.goOnFrom).toEqual([1, 0.5, 5, 4]);
});

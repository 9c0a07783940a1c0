import type { Program, Segment, SegmentResult } from "@stride/compile";
import { expect, it } from "vitest";
import { trialOf } from "../test/cohorts.js";
import { readFirstBounds } from "./first-bounds.js";

const trials = [trialOf({ seed: 1 }), trialOf({ seed: 2 })];

function opened(told: Partial<SegmentResult>) {
  const rates: number[][] = [];
  const run: Program["run"] = async ({ learningRates }) => {
    rates.push([...learningRates]);
    return { losses: new Float32Array(2), ...told };
  };
  const first: Segment = { steps: 1, firstStep: 0, indices: new Int32Array(), learningRates: Float32Array.of(3, 3) };
  return { rates, read: () => readFirstBounds({ run } as Program, first, trials) };
}

it("takes one step at a rate of 0, and counts its passes", async () => {
  const { rates, read } = opened({ bounds: Float32Array.of(2, 0.5), extraPasses: Int32Array.of(0, 4) });
  const { bounds, forwardPasses, backwardPasses } = await read();
  expect(rates).toEqual([[0, 0]]);
  expect([...bounds]).toEqual([2, 0.5]);
  expect([forwardPasses(0), forwardPasses(1), backwardPasses]).toEqual([1, 5, 1]);
});

it.each([0, Number.POSITIVE_INFINITY, Number.NaN])("refuses a first bound of %d", async (bound) => {
  const { read } = opened({ bounds: Float32Array.of(2, bound) });
  await expect(read()).rejects.toThrow(
    `the first step of trial ${trials[1]?.trialId} has the stability bound ${bound}: no rate is a multiple of it`,
  );
});

import { expect, it } from "vitest";
import { curveOutput, curveRows } from "./trial-rows.js";

const plain = {
  trialId: "t",
  trainingLosses: Float32Array.of(2, Number.POSITIVE_INFINITY),
  learningRates: Float64Array.of(0.1, 0.2),
  evaluations: [{ step: 2, loss: 1 }],
};
const whole = {
  ...plain,
  seenLosses: Float32Array.of(Number.NaN, 3),
  lowestRates: Float32Array.of(0, 0.125),
  highestRates: Float32Array.of(0.5, 0.25),
  bounds: Float32Array.of(1.5, Number.POSITIVE_INFINITY),
};

it("prints of a curve what it has, and null for what is not finite", () => {
  expect(curveOutput(plain)).toEqual({
    trialId: "t",
    trainingLosses: [2, null],
    learningRates: [0.1, 0.2],
    evaluations: [{ step: 2, loss: 1 }],
  });
  expect(curveOutput(whole)).toEqual({
    ...curveOutput(plain),
    seenLosses: [null, 3],
    lowestRates: [0, 0.125],
    highestRates: [0.5, 0.25],
    bounds: [1.5, null],
  });
});

it("has the same columns for every curve, whatever it has", () => {
  const rows = [...curveRows(whole)];
  expect(rows.map((row) => Object.values(row))).toEqual([
    ["t", 0, 2, 0.1, null, null, 0, 0.5, 1.5],
    ["t", 1, null, 0.2, null, 3, 0.125, 0.25, null],
    ["t", 2, null, null, 1, null, null, null, null],
  ]);
  expect([...curveRows(plain)].map((row) => Object.keys(row))).toEqual(rows.map((row) => Object.keys(row)));
});

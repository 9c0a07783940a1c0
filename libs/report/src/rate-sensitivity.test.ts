import { expect, it } from "vitest";
import { rateSensitivity } from "./rate-sensitivity.js";

it("takes the median with the diverged as the worst, counts them, and leaves out what has no result", () => {
  const trial = { panel: "t", schedule: "s", diverged: false };
  const points = rateSensitivity([
    { ...trial, learningRate: 1, loss: null, diverged: true },
    { ...trial, learningRate: 1, loss: null, diverged: true },
    { ...trial, learningRate: 1, loss: 4 },
    { ...trial, learningRate: 0.1, loss: 1 },
    { ...trial, learningRate: 0.1, loss: 2 },
    { ...trial, learningRate: 0.1, loss: null, diverged: true },
    { ...trial, learningRate: 0.01, loss: null },
  ]);
  expect(points).toEqual([
    { panel: "t", schedule: "s", learningRate: 0.1, median: 2, diverged: 1, trials: 3 },
    { panel: "t", schedule: "s", learningRate: 1, median: null, diverged: 2, trials: 3 },
  ]);
});

import { expect, it } from "vitest";
import { metricValue } from "./metric-value.js";
import { pairVerdict } from "./pair-verdict.js";
import { timeToTarget } from "./time-to-target.js";

const losses = [8, 4, Number.NaN, 3, 5, 2];
/** Evaluated every 10 of 50 steps, with 50 forward passes more than one a step. */
const run = {
  evaluations: losses.map((loss, index) => ({ step: 10 * index, loss })),
  steps: 50,
  forwardPasses: 100,
  backwardPasses: 50,
};

it.each([
  { target: 10, stepsToTarget: 0, passesToTarget: 0 },
  { target: 4, stepsToTarget: 10, passesToTarget: 30 },
  { target: 3.5, stepsToTarget: 30, passesToTarget: 90 },
  { target: 2, stepsToTarget: 50, passesToTarget: 150 },
  { target: 1.9, stepsToTarget: Number.POSITIVE_INFINITY, passesToTarget: Number.POSITIVE_INFINITY },
])("reaches $target at step $stepsToTarget, after $passesToTarget passes", ({ target, ...times }) => {
  expect(timeToTarget(run, target)).toEqual(times);
});

it("is never less for a lower target", () => {
  const times = [9, 8, 5, 4, 3, 2, 1].map((target) => timeToTarget(run, target).stepsToTarget);
  expect(times).toEqual([...times].sort((left, right) => left - right));
});

it("is worst when never reached, even where the run diverged after it", () => {
  const row = { task: "t", optimizer: "sgd", schedule: "s", learningRate: 1, seed: 0, split: "report" } as const;
  const unused = { finalEvaluationLoss: 1, bestEvaluationLoss: 1, areaUnderCurve: 1 };
  const scoreOf = (outcome: "completed" | "diverged", target: number) =>
    metricValue({ ...row, ...unused, outcome, ...timeToTarget(run, target) }, "stepsToTarget");
  expect(scoreOf("completed", 4)).toBe(10);
  expect(scoreOf("completed", 1)).toBe(Number.POSITIVE_INFINITY);
  expect(scoreOf("diverged", 4)).toBe(Number.POSITIVE_INFINITY);
  expect(metricValue({ ...row, ...unused, outcome: "completed" }, "stepsToTarget")).toBeNull();
  expect(pairVerdict(scoreOf("completed", 1), scoreOf("diverged", 4), 0.01)).toBe("tie");
});

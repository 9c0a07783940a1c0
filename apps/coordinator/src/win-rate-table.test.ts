import { type TrialOutcomeRow, type TunedRate, type WinRate, winRates } from "@stride/statistics";
import { expect, it } from "vitest";
import { formatWinRates } from "./win-rate-table.js";

/** Two schedules on one task: "low" always loses one half of "high", best at the rate 1. */
const trials: TrialOutcomeRow[] = ["high", "low"].flatMap((schedule) =>
  [0.1, 1].flatMap((learningRate) =>
    (["tuning", "report"] as const).flatMap((split) =>
      [0, 1, 2].map((seed) => {
        const loss = (schedule === "low" ? 1 : 2) * (learningRate === 1 ? 1 : 3) + seed / 100;
        return {
          task: "t",
          optimizer: "sgd",
          schedule,
          learningRate,
          seed,
          split,
          outcome: "completed" as const,
          finalEvaluationLoss: loss,
          bestEvaluationLoss: loss,
          areaUnderCurve: loss,
        };
      }),
    ),
  ),
);
const rows = winRates(trials, { metric: "finalEvaluationLoss", margin: 0.01, baseline: "high", seed: 0 });

const choice = { task: "t", optimizer: "sgd", noise: "none", learningRate: 1, drawn: false, tuningMean: 1.01 };

const sweepOf = (learningRates: readonly number[], confidence = 0.95) => ({
  learningRates,
  analysis: { baseline: "high", confidence },
});

it("shows both views with their intervals, and the rates that were chosen", () => {
  const text = formatWinRates(rows, { studyName: "s", sweep: sweepOf([0.1, 1]) });
  expect(text).toMatch(/At fixed learning rates.*\n.*win rate \[95 %\].*\n +all +low +high +6 +0 +0 +0 +100\.0 % \[/);
  expect(text).toMatch(/Tuned \(equal budgets\).*\n.*\n +all +low +high +3 +0 +0 +0 +100\.0 % \[/);
  expect(text).toMatch(/ t +sgd +low +1 +1\.01 /);
});

it("shows the noise where there is one, and what was drawn with a rate", () => {
  const [low, high] = [
    { ...choice, schedule: "low" },
    { ...choice, schedule: "high" },
  ];
  const drawn = {
    ...low,
    learningRate: 0.3,
    drawn: true,
    parameters: { patience: 3, "inner.floor": 0.012345, signal: "train" },
  };
  const told = (rates: readonly TunedRate[]) =>
    formatWinRates([{ ...(rows.at(-1) as WinRate), rates }], { studyName: "s", sweep: sweepOf([0.1, 1]) });
  expect(told([drawn, { ...high, noise: "labels-0.1" }])).toMatch(
    / t +sgd +none +low +0\.3 +1\.01 +drawn: patience 3, inner\.floor 0\.01235, signal train/,
  );
  expect(told([drawn])).not.toMatch(/ noise | none /);
  expect(told([{ ...drawn, learningRate: 1, parameters: {} }])).toMatch(/ 1 +1\.01 +drawn *$/m);
});

it("says how sure its intervals are meant to be, as the sweep does", () => {
  const text = formatWinRates(rows, { studyName: "s", sweep: sweepOf([0.1, 1], 0.9) });
  expect(text).toContain("win rate [90 %]");
  expect(text).toContain("equal or better [90 %]");
  expect(text).not.toContain("95 %");
});

it("says when a chosen rate lies at an end of the grid, and only then", () => {
  const told = (learningRates: readonly number[]) =>
    formatWinRates(rows, { studyName: "s", sweep: sweepOf(learningRates) }).includes("widen the grid");
  expect(told([0.1, 1])).toBe(true);
  expect(told([0.1, 1, 10])).toBe(false);
});

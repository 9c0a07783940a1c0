import { describe, expect, it } from "vitest";
import { trial } from "../test/trials.js";
import { tunedRates } from "./tuned-rates.js";
import type { TrialOutcomeRow } from "./types.js";

/** A tuning trial of "greedy". */
function tuning(learningRate: number, seed: number, loss: number | null, rest: Partial<TrialOutcomeRow> = {}) {
  return trial("greedy", seed, loss, { learningRate, split: "tuning", ...rest });
}

function chosen(rows: readonly TrialOutcomeRow[]) {
  return tunedRates(rows, "finalEvaluationLoss").map(({ learningRate, tuningMean }) => [learningRate, tuningMean]);
}

describe("tunedRates", () => {
  it("takes the rate with the lowest mean over the tuning seeds", () => {
    // Means 2, 1.5 and 3.
    const rows = [tuning(0.01, 1, 2), tuning(0.01, 2, 2), tuning(0.1, 1, 2.5), tuning(0.1, 2, 0.5)];
    expect(chosen([...rows, tuning(1, 1, 0), tuning(1, 2, 6)])).toEqual([[0.1, 1.5]]);
  });

  it("never looks at report seeds", () => {
    const report = [trial("greedy", 9, 0, { learningRate: 1 }), trial("greedy", 9, 5, { learningRate: 0.1 })];
    expect(chosen([tuning(0.1, 1, 1), tuning(1, 1, 2), ...report])).toEqual([[0.1, 1]]);
  });

  it("takes the lower of equal rates", () => {
    expect(chosen([tuning(1, 1, 2), tuning(0.1, 1, 2), tuning(0.5, 1, 2)])).toEqual([[0.1, 2]]);
  });

  it("counts a diverged tuning run as +Infinity", () => {
    const diverging = [tuning(1, 1, 0.1), tuning(1, 2, Number.POSITIVE_INFINITY)];
    expect(chosen([...diverging, tuning(0.1, 1, 5), tuning(0.1, 2, 5)])).toEqual([[0.1, 5]]);
    expect(chosen(diverging)).toEqual([[1, null]]);
  });

  it("leaves out a rate that lacks a tuning seed's result, failed or never planned", () => {
    const complete = [tuning(0.1, 1, 5), tuning(0.1, 2, 5)];
    expect(chosen([...complete, tuning(1, 1, 1), tuning(1, 2, null)])).toEqual([[0.1, 5]]);
    expect(chosen([...complete, tuning(1, 1, 1)])).toEqual([[0.1, 5]]);
    expect(chosen([tuning(0.1, 1, 5), tuning(0.1, 2, null)])).toEqual([[null, null]]);
  });

  it("asks for the same tuning seeds of every schedule", () => {
    const rows = [
      tuning(0.1, 1, 1),
      tuning(0.1, 1, 2, { schedule: "cosine" }),
      tuning(0.1, 2, 2, { schedule: "cosine" }),
    ];
    expect(
      tunedRates(rows, "finalEvaluationLoss").map(({ schedule, learningRate }) => [schedule, learningRate]),
    ).toEqual([
      ["cosine", 0.1],
      ["greedy", null],
    ]);
  });

  it("chooses for each task and optimizer by the metric asked for", () => {
    const rows = [
      tuning(0.1, 1, 1, { bestEvaluationLoss: 9 }),
      tuning(1, 1, 2),
      tuning(1, 1, 1, { optimizer: "adam" }),
      tuning(0.5, 1, 1, { task: "s" }),
    ];
    const rates = (metric: "finalEvaluationLoss" | "bestEvaluationLoss") =>
      tunedRates(rows, metric).map(({ task, optimizer, learningRate }) => [task, optimizer, learningRate]);
    expect(rates("finalEvaluationLoss")).toEqual([
      ["s", "sgd", 0.5],
      ["t", "adam", 1],
      ["t", "sgd", 0.1],
    ]);
    expect(rates("bestEvaluationLoss")).toEqual([
      ["s", "sgd", 0.5],
      ["t", "adam", 1],
      ["t", "sgd", 1],
    ]);
  });

  it("is empty without tuning trials", () => {
    expect(chosen([trial("greedy", 1, 1)])).toEqual([]);
  });
});

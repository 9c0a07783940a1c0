import { describe, expect, it } from "vitest";
import { trial } from "../test/trials.js";
import { metricValue } from "./metric-value.js";

describe("metricValue", () => {
  const losses = { finalEvaluationLoss: 3, bestEvaluationLoss: 1, areaUnderCurve: 2 };
  it.each([
    { metric: "finalEvaluationLoss", expected: 3 },
    { metric: "bestEvaluationLoss", expected: 1 },
    { metric: "areaUnderCurve", expected: 2 },
  ] as const)("of a completed trial is its $metric", ({ metric, expected }) => {
    expect(metricValue(trial("greedy", 1, 9, losses), metric)).toBe(expected);
  });

  it("of a diverged trial is +Infinity, also when it has a best loss", () => {
    const row = trial("greedy", 1, 9, { ...losses, outcome: "diverged" });
    expect(metricValue(row, "bestEvaluationLoss")).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "of a completed trial with %s is +Infinity",
    (loss) => {
      const row = trial("greedy", 1, 9, { finalEvaluationLoss: loss });
      expect(metricValue(row, "finalEvaluationLoss")).toBe(Number.POSITIVE_INFINITY);
    },
  );

  it.each(["planned", "running", "failed", "cancelled"] as const)("of a %s trial is none", (outcome) => {
    expect(metricValue(trial("greedy", 1, 9, { outcome }), "finalEvaluationLoss")).toBeNull();
  });

  it("of a completed trial without the metric is none", () => {
    expect(metricValue(trial("greedy", 1, 9, { finalEvaluationLoss: null }), "finalEvaluationLoss")).toBeNull();
  });
});

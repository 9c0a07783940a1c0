import { expect, it } from "vitest";
import { estimate } from "./estimate.js";
import { planTrials } from "./plan.js";
import { planCohorts } from "./plan-cohorts.js";
import { parseSweep } from "./sweep.js";

it("counts trials, cohorts, steps and operations", () => {
  const sweep = parseSweep(`
study: estimate
tasks: [{ kind: quadratic, dimension: 10 }]
schedules: [{ kind: constant }, { kind: greedy }]
learningRates: [0.1, 0.2]
seeds: { tuning: 1, report: 2 }
steps: 95
evaluate: { every: 10 }
`);
  // 12 trials of 95 steps of 8 × 10 operations and 11 evaluations of 3 × 10; greedy decides at every step, constant at none.
  expect(estimate(planCohorts(sweep.study, planTrials(sweep)))).toEqual({
    trials: 12,
    cohorts: 2,
    steps: 1140,
    operations: 12 * (95 * 80 + 11 * 30),
  });
});

it("is nothing for nothing", () => {
  expect(estimate([])).toEqual({ trials: 0, cohorts: 0, steps: 0, operations: 0 });
});

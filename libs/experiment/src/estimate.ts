import { taskCost } from "@stride/tasks/spec";
import type { Cohort, Trial } from "./domain.js";

/** What cohorts will take. */
export interface Estimate {
  readonly trials: number;
  readonly cohorts: number;
  /** Optimizer steps of all trials. */
  readonly steps: number;
  /** Floating-point operations, evaluations included; what a rule or an optimizer adds is left out. */
  readonly operations: number;
}

/** What these cohorts will take if nothing diverges. */
export function estimate(cohorts: readonly Cohort[]): Estimate {
  let [trials, steps, operations] = [0, 0, 0];
  for (const cohort of cohorts) {
    const first = cohort.trials[0];
    if (first === undefined) continue;
    trials += cohort.trials.length;
    steps += cohort.trials.length * first.steps;
    operations += cohort.trials.length * operationsOf(first);
  }
  return { trials, cohorts: cohorts.length, steps, operations };
}

/** Evaluations are taken before the first step, after every so many, and after the last. */
function operationsOf({ task, steps, evaluateEvery }: Trial): number {
  const { flopsPerStep, evaluationFlops } = taskCost(task);
  return steps * flopsPerStep + (1 + Math.ceil(steps / evaluateEvery)) * evaluationFlops;
}

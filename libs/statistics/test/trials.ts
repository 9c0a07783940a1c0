import fc from "fast-check";
import type { TrialOutcomeRow } from "../src/index.js";

/** A completed trial of task "t" and optimizer "sgd" whose three metrics are all `loss`; `null` a failed one, Infinity a diverged. */
export function trial(
  schedule: string,
  seed: number,
  loss: number | null,
  rest: Partial<TrialOutcomeRow> = {},
): TrialOutcomeRow {
  const metric = loss === null || !Number.isFinite(loss) ? null : loss;
  return {
    task: "t",
    optimizer: "sgd",
    schedule,
    learningRate: 0.1,
    seed,
    split: "report",
    outcome: loss === null ? "failed" : Number.isFinite(loss) ? "completed" : "diverged",
    finalEvaluationLoss: metric,
    bestEvaluationLoss: metric,
    areaUnderCurve: metric,
    ...rest,
  };
}

const loss = fc.oneof(
  fc.constantFrom(0, 0.5, 1, 1.004, 1.02, 1.2, 3, Number.POSITIVE_INFINITY, null),
  fc.double({ min: 0, max: 10, noNaN: true }),
);

const key = fc.record({
  task: fc.constantFrom("mlp", "nmf", "quadratic"),
  optimizer: fc.constantFrom("adam", "sgd"),
  noise: fc.constantFrom("none", "labels-0.1"),
  schedule: fc.constantFrom("constant", "cosine", "greedy"),
  learningRate: fc.constantFrom(0.01, 0.1, 1),
  split: fc.constantFrom("tuning" as const, "report" as const),
  seed: fc.integer({ min: 0, max: 3 }),
});

/** Trials with holes: any subset of a small grid, with completed, diverged and failed ones. */
export const arbitraryTrials: fc.Arbitrary<TrialOutcomeRow[]> = fc
  .uniqueArray(fc.tuple(key, loss), { maxLength: 250, selector: ([value]) => JSON.stringify(value), size: "max" })
  .map((entries) => entries.map(([{ schedule, seed, ...rest }, value]) => trial(schedule, seed, value, rest)));

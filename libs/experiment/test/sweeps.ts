import fc from "fast-check";
import type { Sweep } from "../src/sweep/grid.js";
import { parseSweep } from "../src/sweep.js";

const taskPool = [
  { kind: "quadratic" },
  { kind: "quadratic", dimension: 5 },
  { kind: "nmf", data: "synthetic", rank: 4, batch: 8, rows: 64, columns: 32 },
  { kind: "nmf", data: "mnist" },
  { kind: "mlp", data: "mnist", hidden: [32] },
  { kind: "mlp", data: "mnist", hidden: [512, 512] },
];
const optimizerPool = [{ kind: "sgd" }, { kind: "sgd", momentum: 0.9 }, { kind: "adam" }];
const schedulePool = [
  { kind: "constant" },
  { kind: "cosine" },
  { kind: "step", every: 10 },
  { kind: "greedy" },
  { kind: "greedy", name: "greedy-slow", every: 5 },
  { kind: "greedy", name: "greedy-evaluation", signal: "evaluation" },
  { kind: "reduce-on-plateau" },
];
const some = <Item>(pool: readonly Item[], most: number) =>
  fc.shuffledSubarray([...pool], { minLength: 1, maxLength: most });

/** The content of a small sweep file. */
export const sweepFile = fc.record({
  study: fc.constantFrom("one", "other"),
  tasks: some(taskPool, 3),
  optimizers: some(optimizerPool, 2),
  schedules: some(schedulePool, 4),
  learningRates: some([0.001, 0.01, 0.05, 0.1, 0.5, 1], 5),
  seeds: fc.record({ tuning: fc.nat({ max: 4 }), report: fc.integer({ min: 1, max: 5 }) }),
  steps: fc.integer({ min: 20, max: 200 }),
});

export const sweep: fc.Arbitrary<Sweep> = sweepFile.map((file) => parseSweep(JSON.stringify(file)));

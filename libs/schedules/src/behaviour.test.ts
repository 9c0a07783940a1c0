import { expect, it } from "vitest";
import { type BehaviourCase, behavesAsScheduler } from "../test/behaviour.js";
import { fade, halveAtEverySecondEvaluation } from "../test/modules.js";
import { specOf } from "../test/reference.js";
import { initialPolicy } from "./policy/initial.js";
import { scheduleKinds } from "./spec.js";

const scaled = { learningRate: 0.4, steps: 40, first: 0.4, least: 0, most: 0.4 };
const greedy = { kind: "greedy", patience: 1, factor: 0.5, minLearningRate: 0.05, maxLearningRate: 0.8, resetStart: 3 };
const moving = { ...scaled, least: 0.05, most: 0.8 };

const stairs = [
  [0, 0.5],
  [13, 1],
  [70, 0.05],
];

/** A line a rule; further lines where an option changes how it moves. */
const learned = initialPolicy({
  every: 5,
  sees: { gradients: false, bound: false },
  actions: { kind: "discrete", factors: [0.5, 1, 2] },
  range: { lowest: 0.25, highest: 4 },
  hidden: [4],
  critic: false,
  seed: 1,
});

const cases: readonly BehaviourCase[] = [
  { spec: { kind: "constant" }, ...scaled, least: 0.4 },
  { spec: { kind: "step", every: 7 }, ...scaled },
  { spec: { kind: "multi-step", milestones: [5, 20] }, ...scaled, least: 0.4 * 0.1 ** 2 },
  { spec: { kind: "exponential", factor: 0.9 }, ...scaled },
  { spec: { kind: "exponential", factor: 1e-6 }, ...scaled },
  { spec: { kind: "polynomial", power: 2, finalLearningRate: 0.01 }, ...scaled, least: 0.01 },
  { spec: { kind: "polynomial", finalLearningRate: 0.6 }, ...scaled, least: 0.4, most: 0.6 },
  { spec: { kind: "linear", startFraction: 0.25, finalFraction: 0.5 }, ...scaled, first: 0.1, least: 0.1, most: 0.2 },
  { spec: { kind: "cosine", minLearningRate: 0.02 }, ...scaled, least: 0.02 },
  { spec: { kind: "cosine", cycles: 2.5, steps: 13 }, ...scaled },
  { spec: { kind: "cosine", minFraction: 0.25 }, ...scaled, least: 0.1 },
  { spec: { kind: "cosine-restarts" }, ...scaled },
  { spec: { kind: "cosine-restarts", firstPeriod: 3, periodFactor: 2 }, ...scaled },
  { spec: { kind: "rex" }, ...scaled },
  { spec: { kind: "cyclic" }, ...scaled, first: 0.1, least: 0.1 },
  { spec: { kind: "cyclic", mode: "triangular2", riseSteps: 7, fallSteps: 3 }, ...scaled, first: 0.1, least: 0.1 },
  { spec: { kind: "cyclic", mode: "exponential-range", factor: 0.9, lowFraction: 0 }, ...scaled, first: 0 },
  { spec: { kind: "one-cycle" }, ...scaled, first: 0.4 / 25, least: 0.4 / 25 / 1e4 },
  { spec: { kind: "one-cycle" }, ...scaled, steps: 1, first: 0.4 / 25 / 1e4, least: 0.4 / 25 / 1e4 },
  { spec: { kind: "one-cycle", riseFraction: 0.025 }, ...scaled, least: 0.4 / 25 / 1e4 },
  { spec: { kind: "one-cycle", threePhase: true, shape: "linear" }, ...scaled, first: 0.4 / 25, least: 0.4 / 25 / 1e4 },
  { spec: { kind: "warmup-stable-decay" }, ...scaled, first: 0 },
  { spec: { kind: "warmup-stable-decay" }, ...scaled, steps: 1 },
  {
    spec: { kind: "warmup-stable-decay", warmupSteps: 30, decaySteps: 30, minFraction: 0.1 },
    ...scaled,
    first: 0.04,
    least: 0.04,
  },
  { spec: { kind: "inverse-square-root", timescale: 4 }, ...scaled },
  {
    spec: { kind: "warmup-stable-decay", warmupSteps: 5, decaySteps: 20, decayCycles: 1.5, minFraction: 0.1 },
    ...scaled,
    first: 0.04,
    least: 0.04,
  },
  { spec: { kind: "recorded", rates: stairs }, ...scaled, first: 0.2, least: 0.02 },
  { spec: { kind: "recorded", rates: stairs, absolute: true }, ...scaled, first: 0.5, least: 0.05, most: 1 },
  { spec: { kind: "reduce-on-plateau", patience: 1, minLearningRate: 0.01 }, ...scaled, least: 0.01 },
  { spec: { kind: "reduce-on-plateau", patience: 0, pauseAfterDecrease: 2, every: 3 }, ...scaled },
  { spec: { kind: "reduce-on-plateau", patience: 0, signal: "evaluation" }, ...scaled },
  { spec: greedy, ...moving },
  { spec: { ...greedy, smoothingWindow: 4, pauseAfterIncrease: 2, pauseAfterDecrease: 3 }, ...moving },
  { spec: { ...greedy, variant: "trend" }, ...moving },
  {
    spec: { ...greedy, variant: "trend", pauseAfterIncrease: 2, pauseAfterDecrease: 1, smoothingWindow: 1 },
    ...moving,
  },
  { spec: { ...greedy, thresholdMode: "relative", threshold: 0.01, every: 4 }, ...moving },
  { spec: { ...greedy, signal: "evaluation", patience: 0 }, ...moving },
  { spec: { ...greedy, signal: "evaluation", patience: 0, every: 3 }, ...moving },
  { spec: { ...greedy, minLearningRate: 0.6 }, ...moving, least: 0.4 },
  { spec: { ...greedy, minLearningRate: 0.05, maxLearningRate: 0.2 }, ...moving, most: 0.4 },
  {
    spec: { kind: "decision-table", every: 3, trend: [-0.1, 0.1], table: [[2, 1, 0.5]], lowest: 0.125, highest: 2 },
    ...moving,
  },
  {
    spec: {
      kind: "decision-table",
      every: 7,
      trend: [0],
      table: [
        [1.25, 1],
        [1, 0.5],
      ],
      lowest: 0.125,
      highest: 2,
    },
    ...moving,
  },
  { spec: { kind: "warmup", steps: 9, schedule: { kind: "cosine" } }, ...scaled, first: 0 },
  { spec: { kind: "warmup", steps: 50, schedule: { kind: "cosine" } }, ...scaled, first: 0 },
  {
    spec: { kind: "warmup", steps: 9, startFraction: 0.5, schedule: { kind: "one-cycle" } },
    ...scaled,
    first: 0.008,
    least: 1.6e-6,
  },
  {
    spec: { kind: "warmup", steps: 9, shape: "constant", startFraction: 0.5, schedule: { kind: "rex" } },
    ...scaled,
    first: 0.2,
  },
  { spec: { kind: "warmup", steps: 9, schedule: { ...greedy, every: 4 } }, ...moving, first: 0, least: 0 },
  { spec: { kind: "warmup", steps: 9, schedule: { ...greedy, signal: "evaluation" } }, ...moving, first: 0, least: 0 },
  { spec: { kind: "product", schedules: [{ kind: "cosine" }, { kind: "step", every: 9, factor: 0.5 }] }, ...scaled },
  {
    spec: { kind: "product", schedules: [{ kind: "warmup", steps: 5, schedule: { kind: "linear" } }, { kind: "rex" }] },
    ...scaled,
    first: 0,
  },
  {
    spec: {
      kind: "sequence",
      milestones: [7, 30],
      schedules: [{ kind: "one-cycle" }, { kind: "constant" }, { kind: "rex" }],
    },
    ...scaled,
    first: 0.4 / 25,
  },
  {
    spec: { kind: "sequence", milestones: [9], schedules: [{ kind: "linear" }, { ...greedy, every: 4 }] },
    ...moving,
    least: 0,
  },
  {
    spec: {
      kind: "sequence",
      milestones: [3, 9],
      schedules: [{ kind: "rex" }, { kind: "constant" }, { ...greedy, signal: "evaluation" }],
    },
    ...moving,
  },
  {
    spec: { kind: "module", path: "fade.mjs", watches: "nothing", sha256: "0".repeat(64) },
    modules: new Map([["0".repeat(64), fade]]),
    ...scaled,
  },
  {
    spec: { kind: "module", path: "halve.mjs", watches: "evaluation", every: 2, sha256: "1".repeat(64) },
    modules: new Map([["1".repeat(64), halveAtEverySecondEvaluation]]),
    ...scaled,
  },
  {
    spec: {
      kind: "policy",
      policy: "learned@3",
      sha256: "2".repeat(64),
      every: 5,
      sees: { gradients: false, bound: false },
    },
    modules: new Map([["2".repeat(64), learned]]),
    ...scaled,
    least: 0.1,
    most: 1.6,
  },
];

for (const each of cases) behavesAsScheduler(each);

it("has a case for every kind of schedule", () => {
  expect(new Set(cases.map(({ spec }) => specOf(spec).kind))).toEqual(new Set(scheduleKinds.map(({ kind }) => kind)));
});

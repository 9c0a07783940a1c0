import { z } from "zod";
import { absoluteRate, stepCount, unitOfRate } from "../fields.js";
import { parametersOf, type Rule, type WarningOptions } from "../rule.js";
import {
  isBetter,
  isUsableThreshold,
  leastChange,
  relativeThresholdIssue,
  relativeThresholdWarnings,
  thresholdField,
  thresholdModeField,
  tooFewMetricsWarnings,
} from "../threshold.js";
import { type MetricRule, watch, watchDecisions, watchFields } from "../watch.js";

const trendDefault = 10;

const fields = z
  .strictObject({
    kind: z.literal("greedy"),
    variant: z.enum(["transformers", "trend"]).default("transformers").meta({
      description: "transformers: a pause after a move skips metrics; trend: a pause keeps a started move going",
      unit: "",
    }),
    factor: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.95)
      .meta({ description: "a decrease multiplies the rate by this, an increase divides it", unit: "factor" }),
    patience: stepCount({ min: 0 })
      .default(10)
      .meta({ description: "equal verdicts in a row that are let pass; one more brings a move", unit: "metrics" }),
    threshold: thresholdField().default(1e-6).meta({
      description: "a metric must be better than the best by more than this",
      unit: "loss, or share of the best",
    }),
    thresholdMode: thresholdModeField()
      .default("absolute")
      .meta({ description: "absolute: the threshold is a loss; relative: a share of the best one", unit: "" }),
    smoothingWindow: z
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .meta({
        description: `metrics averaged before they are judged, 1: none; left out: none (transformers), ${trendDefault} (trend)`,
        unit: "metrics",
      }),
    pauseAfterIncrease: stepCount({ min: 0 })
      .optional()
      .meta({
        description: `pause after an increase (transformers' warmup); left out: 0 (transformers), ${trendDefault} (trend)`,
        unit: "metrics",
      }),
    pauseAfterDecrease: stepCount({ min: 0 })
      .optional()
      .meta({
        description: `pause after a decrease (transformers' cooldown); left out: 0 (transformers), ${trendDefault} (trend)`,
        unit: "metrics",
      }),
    minLearningRate: absoluteRate().default(1e-3).meta({ description: "decreases stop here", unit: unitOfRate }),
    maxLearningRate: absoluteRate().gt(0).default(1).meta({ description: "increases stop here", unit: unitOfRate }),
    resetStart: stepCount({ min: 1 }).default(500).meta({
      description: "decreases wanted at the least rate since the last increase that bring the initial state back",
      unit: "decreases",
    }),
    ...watchFields,
  })
  .refine(({ minLearningRate, maxLearningRate }) => minLearningRate <= maxLearningRate, {
    path: ["maxLearningRate"],
    error: "maxLearningRate must not be below minLearningRate",
  })
  .refine(isUsableThreshold, relativeThresholdIssue);

/** The defaults that hang on the variant are filled in, so that a stored spec says what ran. */
const schema = fields.transform((spec) => {
  const pause = spec.variant === "trend" ? trendDefault : 0;
  const smoothingWindow = spec.smoothingWindow ?? (spec.variant === "trend" ? trendDefault : undefined);
  return {
    ...spec,
    ...(smoothingWindow === undefined ? {} : { smoothingWindow }),
    pauseAfterIncrease: spec.pauseAfterIncrease ?? pause,
    pauseAfterDecrease: spec.pauseAfterDecrease ?? pause,
  };
});
export type GreedySpec = z.infer<typeof schema>;

/** Counts are of metrics in a row; `best` is the least (smoothed) metric that was better, Number.MAX_VALUE before the first. */
type GreedyState = {
  readonly learningRate: number;
  readonly best: number;
  readonly good: number;
  readonly bad: number;
  readonly increasePauseLeft: number;
  readonly decreasePauseLeft: number;
  readonly resetLeft: number;
  /** The last finite metrics; empty without smoothing. */
  readonly window: readonly number[];
};

/**
 * After more than `patience` improvements in a row η ← min(η / factor, maxLearningRate); after more than `patience` other metrics in
 * a row η ← max(η · factor, minLearningRate); changes of 1e-8 or less are not made. At the least rate, `resetStart` wanted
 * decreases since the last increase bring the initial state back. A non-finite metric is no improvement and is not averaged.
 *
 * Pauses: `transformers` skips so many metrics after a move (they enter the average, not the best); `trend` judges on, but
 * keeps the count at zero that would turn the move round.
 *
 * GreedyLR, 2025 (arXiv:2512.14527): `transformers` is Hugging Face transformers' GreedyLR in mode min, equal to it on finite
 * metrics; `trend` is our reading of the article's "continue increasing or decreasing even if the loss trend reverses".
 */
export const greedy: Rule<typeof schema> = {
  kind: "greedy",
  description: "Rises while the loss improves, falls while it does not (GreedyLR)",
  source: "GreedyLR, 2025, arXiv:2512.14527; transformers GreedyLR",
  parameters: parametersOf(fields.shape),
  schema,
  create: (spec, { learningRate }) => watch(greedyRule(spec, learningRate), spec),
  decisions: watchDecisions,
  warnings: (spec, options) => [
    ...relativeThresholdWarnings(spec),
    ...boundWarnings(spec, options),
    ...tooFewMetricsWarnings(spec, options),
  ],
};

function greedyRule(spec: GreedySpec, initialRate: number): MetricRule<GreedyState> {
  const initial: GreedyState = {
    learningRate: initialRate,
    best: Number.MAX_VALUE,
    good: 0,
    bad: 0,
    increasePauseLeft: 0,
    decreasePauseLeft: 0,
    resetLeft: spec.resetStart,
    window: [],
  };
  const next = spec.variant === "trend" ? nextOfTrend : nextOfTransformers;
  return {
    init: () => initial,
    learningRate: (state) => state.learningRate,
    update(state, metric) {
      const { window, current } = smooth(state.window, metric, spec.smoothingWindow);
      return next({ ...state, window }, current);
    },
  };

  function nextOfTransformers(state: GreedyState, current: number): GreedyState {
    const quiet = { ...state, good: 0, bad: 0 };
    if (state.decreasePauseLeft > 0) return { ...quiet, decreasePauseLeft: state.decreasePauseLeft - 1 };
    if (state.increasePauseLeft > 0) return { ...quiet, increasePauseLeft: state.increasePauseLeft - 1 };
    return move(judge(state, current));
  }

  function nextOfTrend(state: GreedyState, current: number): GreedyState {
    const judged = judge(state, current);
    return move({
      ...judged,
      good: state.decreasePauseLeft > 0 ? 0 : judged.good,
      bad: state.increasePauseLeft > 0 ? 0 : judged.bad,
      decreasePauseLeft: Math.max(0, state.decreasePauseLeft - 1),
      increasePauseLeft: Math.max(0, state.increasePauseLeft - 1),
    });
  }

  function judge(state: GreedyState, current: number): GreedyState {
    return isBetter(current, state.best, spec)
      ? { ...state, best: current, good: state.good + 1, bad: 0 }
      : { ...state, good: 0, bad: state.bad + 1 };
  }

  function move(state: GreedyState): GreedyState {
    if (state.good > spec.patience) {
      return { ...increase(state), increasePauseLeft: spec.pauseAfterIncrease, good: 0 };
    }
    if (state.bad > spec.patience) {
      return { ...decrease(state), decreasePauseLeft: spec.pauseAfterDecrease, bad: 0 };
    }
    return state;
  }

  function increase(state: GreedyState): GreedyState {
    const higher = Math.min(state.learningRate / spec.factor, spec.maxLearningRate);
    const learningRate = higher - state.learningRate > leastChange ? higher : state.learningRate;
    return { ...state, learningRate, resetLeft: spec.resetStart };
  }

  function decrease(state: GreedyState): GreedyState {
    const lower = Math.max(state.learningRate * spec.factor, spec.minLearningRate);
    const learningRate = state.learningRate - lower > leastChange ? lower : state.learningRate;
    if (learningRate > spec.minLearningRate) return { ...state, learningRate };
    const resetLeft = state.resetLeft - 1;
    return resetLeft <= 0 ? initial : { ...state, learningRate, resetLeft };
  }
}

/** The mean of the last finite metrics, this one included; a non-finite metric passes as it is and leaves the window alone. */
function smooth(window: readonly number[], metric: number, size: number | undefined) {
  if (size === undefined || !Number.isFinite(metric)) return { window, current: metric };
  const values = [...window, metric].slice(-size);
  return { window: values, current: values.reduce((sum, value) => sum + value, 0) / values.length };
}

function boundWarnings(spec: GreedySpec, { learningRate }: WarningOptions): string[] {
  const { minLearningRate, maxLearningRate, factor } = spec;
  if (learningRate < minLearningRate) {
    return [
      `the base learning rate ${learningRate} is below minLearningRate ${minLearningRate}: it never falls, ` +
        "yet the decreases it does not make count towards a reset",
    ];
  }
  if (learningRate > maxLearningRate) {
    return [`the base learning rate ${learningRate} is above maxLearningRate ${maxLearningRate}: it can only fall`];
  }
  if (learningRate * (1 - factor) <= leastChange) {
    return [
      `a decrease of the base learning rate ${learningRate} is ${leastChange} or less: such changes are not made`,
    ];
  }
  return [];
}

import { z } from "zod";
import { absoluteRate, stepCount, unitOfRate } from "../fields.js";
import { parametersOf, type Rule } from "../rule.js";
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

const schema = z
  .strictObject({
    kind: z.literal("reduce-on-plateau"),
    factor: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.1)
      .meta({ description: "what a fall multiplies the rate by", unit: "factor" }),
    patience: stepCount({ min: 0 }).default(10).meta({
      description: "metrics without improvement in a row that are let pass; one more brings a fall",
      unit: "metrics",
    }),
    threshold: thresholdField().default(1e-4).meta({
      description: "a metric must be better than the best by more than this",
      unit: "loss, or share of the best",
    }),
    thresholdMode: thresholdModeField()
      .default("relative")
      .meta({ description: "absolute: the threshold is a loss; relative: a share of the best one", unit: "" }),
    pauseAfterDecrease: stepCount({ min: 0 })
      .default(0)
      .meta({ description: "metrics after a fall that do not count as bad (PyTorch: cooldown)", unit: "metrics" }),
    minLearningRate: absoluteRate().default(0).meta({ description: "the least rate", unit: unitOfRate }),
    ...watchFields,
  })
  .refine(isUsableThreshold, relativeThresholdIssue);
type ReduceOnPlateauSpec = z.infer<typeof schema>;

/** `best` is the least metric so far that was better by the threshold; Number.MAX_VALUE before the first. */
type PlateauState = {
  readonly learningRate: number;
  readonly best: number;
  readonly bad: number;
  readonly pauseLeft: number;
};

/**
 * After more than `patience` metrics in a row without improvement: η ← max(η · factor, minLearningRate), if that is a change of more
 * than 1e-8. A non-finite metric is no improvement (PyTorch: −Infinity is one).
 *
 * PyTorch, ReduceLROnPlateau, mode min.
 */
export const reduceOnPlateau: Rule<typeof schema> = {
  kind: "reduce-on-plateau",
  description: "Falls by a factor when the loss stops improving",
  source: "PyTorch ReduceLROnPlateau",
  parameters: parametersOf(schema.shape),
  schema,
  create: (spec, { learningRate }) => watch(plateauRule(spec, learningRate), spec),
  decisions: watchDecisions,
  warnings: (spec, options) => [
    ...relativeThresholdWarnings(spec),
    ...(options.learningRate < spec.minLearningRate
      ? [
          `the base learning rate ${options.learningRate} is below minLearningRate ${spec.minLearningRate}: it never falls`,
        ]
      : []),
    ...tooFewMetricsWarnings(spec, options),
  ],
};

function plateauRule(spec: ReduceOnPlateauSpec, initialRate: number): MetricRule<PlateauState> {
  return {
    init: () => ({ learningRate: initialRate, best: Number.MAX_VALUE, bad: 0, pauseLeft: 0 }),
    learningRate: (state) => state.learningRate,
    update(state, metric) {
      const better = isBetter(metric, state.best, spec);
      const best = better ? metric : state.best;
      const paused = state.pauseLeft > 0;
      const pauseLeft = paused ? state.pauseLeft - 1 : 0;
      const bad = better || paused ? 0 : state.bad + 1;
      if (bad <= spec.patience) return { ...state, best, bad, pauseLeft };
      const lower = Math.max(state.learningRate * spec.factor, spec.minLearningRate);
      const learningRate = state.learningRate - lower > leastChange ? lower : state.learningRate;
      return { learningRate, best, bad: 0, pauseLeft: spec.pauseAfterDecrease };
    },
  };
}

import type { Observation } from "../schedule.js";
import type { PolicyDocument } from "./document.js";

/** Which optional features there are. */
export type Sees = PolicyDocument["sees"];

/** What a decision is made from, in order, each with what it means. L̄ₙ is the mean log loss of the n-th window of k steps. */
const always = {
  fall: "L̄ₙ − L̄ₙ₋₁: change of the mean log loss over the last window",
  fallBefore: "L̄ₙ₋₁ − L̄ₙ₋₂: the same, one window before",
  fallOverFour: "L̄ₙ − L̄ₙ₋₄ (or to the first window): change over the last four windows",
  slope: "slope of the log loss over the steps of the window (least squares), times k",
  noise: "logarithm of the deviation of the window's log losses about that line",
  aboveBest: "L̄ₙ − min L̄: how far the window is above the best one so far",
  rate: "logarithm of the rate over the base rate",
  budget: "share of the training's steps that is used",
  lastAction: "logarithm of the factor of the last decision",
} as const;

const ofGradients = {
  gradientFall: "change of the mean log norm of the gradient over the last window",
  gradientNoise: "logarithm of the deviation of the log norms in the window",
} as const;

const ofBound = {
  rateOverBound:
    "mean over the window of the logarithm of the rate over the stability bound; 0 where nothing bounds the step",
} as const;

/** The features in the order in which a network is given them: names and meanings. */
export function describeFeatures({ gradients, bound }: Sees): readonly (readonly [string, string])[] {
  return Object.entries({ ...always, ...(gradients ? ofGradients : {}), ...(bound ? ofBound : {}) });
}

export function featureNames(sees: Sees): readonly string[] {
  return describeFeatures(sees).map(([name]) => name);
}

/** Running sums of one window: x is the step's place in the window, y what is summed. */
type Sums = { readonly count: number; readonly y: number; readonly yy: number; readonly xy: number };

/** Everything features are made from; plain JSON. */
export type FeatureState = {
  readonly losses: Sums;
  readonly norms: Sums;
  readonly ratios: Sums;
  /** Mean log losses of the last windows, the newest last, five at most. */
  readonly means: readonly number[];
  /** Of all windows; undefined is no JSON, so the first window's is set with the first mean. */
  readonly best: number | null;
  readonly normMean: number | null;
};

const none: Sums = { count: 0, y: 0, yy: 0, xy: 0 };
/** Below this a deviation or a loss is taken for it: logarithms stay finite. */
const tiny = 1e-30;
const leastDeviation = 1e-6;
/** Logarithms of a rate over its bound are cut off here. */
const ratioLimit = 10;
const remembered = 5;

export const noFeatures: FeatureState = {
  losses: none,
  norms: none,
  ratios: none,
  means: [],
  best: null,
  normMean: null,
};

/** One more step of the window; `rate` is the one it was taken at. */
export function observed(
  state: FeatureState,
  { trainingLoss, gradientNorm, bound }: Observation,
  rate: number,
): FeatureState {
  const ratio = bound === undefined || !(bound > 0) || !Number.isFinite(bound) ? 0 : Math.log(rate / bound);
  return {
    ...state,
    losses: added(state.losses, finiteLog(trainingLoss)),
    norms: gradientNorm === undefined ? state.norms : added(state.norms, finiteLog(gradientNorm)),
    ratios: added(state.ratios, Math.max(-ratioLimit, Math.min(ratioLimit, ratio))),
  };
}

/** The logarithm of a loss or a norm, always finite: of 1e-30 at least, and of the largest number where there is none. */
export function finiteLog(value: number): number {
  return Math.log(Math.min(Number.MAX_VALUE, Math.max(tiny, Number.isNaN(value) ? Number.MAX_VALUE : value)));
}

function added({ count, y, yy, xy }: Sums, value: number): Sums {
  return { count: count + 1, y: y + value, yy: yy + value * value, xy: xy + count * value };
}

export interface DecisionPlace {
  readonly rate: number;
  readonly baseRate: number;
  /** Updates taken, and of the whole training. */
  readonly step: number;
  readonly steps: number;
  /** Logarithm of the factor of the last decision; 0 before the first. */
  readonly lastAction: number;
}

/** The features at the end of a window, and the state with which the next one begins. Nothing of them has a scale: multiply all losses, norms, or rates with bounds, and they stay. */
export function closeWindow(
  state: FeatureState,
  sees: Sees,
  { rate, baseRate, step, steps, lastAction }: DecisionPlace,
): { readonly features: number[]; readonly state: FeatureState } {
  const mean = state.losses.y / state.losses.count;
  const means = [...state.means, mean].slice(-remembered);
  const before = means.at(-2) ?? mean;
  const line = lineOf(state.losses);
  const best = Math.min(state.best ?? mean, mean);
  const normMean = state.norms.count === 0 ? null : state.norms.y / state.norms.count;
  const features = [
    mean - before,
    before - (means.at(-3) ?? before),
    mean - (means[0] as number),
    line.slope * state.losses.count,
    Math.log(Math.max(leastDeviation, line.deviation)),
    mean - best,
    Math.log(rate / baseRate),
    step / steps,
    lastAction,
    ...(sees.gradients
      ? [
          normMean === null || state.normMean === null ? 0 : normMean - state.normMean,
          Math.log(Math.max(leastDeviation, lineOf(state.norms).deviation)),
        ]
      : []),
    ...(sees.bound ? [state.ratios.y / state.ratios.count] : []),
  ];
  return { features, state: { losses: none, norms: none, ratios: none, means, best, normMean } };
}

/** Least squares over x = 0 … count − 1: the slope, and the deviation of what is left. */
function lineOf({ count, y, yy, xy }: Sums): { readonly slope: number; readonly deviation: number } {
  if (count < 2) return { slope: 0, deviation: 0 };
  const middle = (count - 1) / 2;
  const spread = (count * (count * count - 1)) / 12;
  const slope = (xy - middle * y) / spread;
  const left = yy - (y * y) / count - slope * slope * spread;
  return { slope, deviation: Math.sqrt(Math.max(0, left) / count) };
}

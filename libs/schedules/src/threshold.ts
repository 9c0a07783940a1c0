import { z } from "zod";

export type ThresholdMode = "absolute" | "relative";

/** Changes of a rate below this are not made: `eps` of PyTorch's ReduceLROnPlateau and of transformers' GreedyLR. */
export const leastChange = 1e-8;

export function thresholdField() {
  return z.number().min(0).max(1e6);
}

export function thresholdModeField() {
  return z.enum(["absolute", "relative"]);
}

/** A relative threshold of 1 or more would ask for a loss below zero. */
export const relativeThresholdIssue = {
  path: ["threshold"],
  error: "a relative threshold must be below 1",
};

export function isUsableThreshold(spec: {
  readonly threshold: number;
  readonly thresholdMode: ThresholdMode;
}): boolean {
  return spec.thresholdMode === "absolute" || spec.threshold < 1;
}

/** Whether a metric (lower is better) counts as an improvement on the best so far; a non-finite one never does. */
export function isBetter(
  metric: number,
  best: number,
  { threshold, thresholdMode }: { readonly threshold: number; readonly thresholdMode: ThresholdMode },
): boolean {
  if (!Number.isFinite(metric)) return false;
  return metric < (thresholdMode === "relative" ? best * (1 - threshold) : best - threshold);
}

/** What surprises about a threshold that is a share of the best. */
export function relativeThresholdWarnings({ thresholdMode }: { readonly thresholdMode: ThresholdMode }): string[] {
  if (thresholdMode === "absolute") return [];
  return [
    "thresholdMode relative is wrong-signed for negative losses: there a slightly worse one counts as an improvement",
  ];
}

/** A rule that sees too few metrics in a trial to move once. Evaluations are not counted here: the trial's interval is unknown. */
export function tooFewMetricsWarnings(
  { signal, every, patience }: { readonly signal: string; readonly every: number; readonly patience: number },
  { steps }: { readonly steps?: number },
): string[] {
  if (signal !== "train" || steps === undefined || Math.floor(steps / every) > patience) return [];
  return [
    `it never moves: ${steps} steps give ${Math.floor(steps / every)} metrics, and patience ${patience} needs more`,
  ];
}

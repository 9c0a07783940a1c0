import type { Metric, TrialOutcomeRow } from "./types.js";

/** What a trial scores: its metric when completed, +Infinity when diverged (or not finite), null when it has no result. */
export function metricValue(row: TrialOutcomeRow, metric: Metric): number | null {
  if (row.outcome === "diverged") return Number.POSITIVE_INFINITY;
  if (row.outcome !== "completed") return null;
  const value = row[metric] ?? null;
  if (value === null) return null;
  return Number.isFinite(value) ? value : Number.POSITIVE_INFINITY;
}

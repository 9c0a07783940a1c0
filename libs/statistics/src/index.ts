export { cellsFromRows } from "./cells-from-rows.js";
export { conditionVerdict } from "./condition-verdict.js";
export { type HodgesLehmann, hodgesLehmann } from "./hodges-lehmann.js";
export { holm } from "./holm.js";
export { normalCdf, normalQuantile } from "./normal-distribution.js";
export { cappedLogRatio, logRatioCap, pairVerdict } from "./pair-verdict.js";
export { probabilityOfImprovement } from "./probability-of-improvement.js";
export { type SignTest, signTest } from "./sign-test.js";
export { studentTCdf, studentTQuantile, twoSidedCriticalValues } from "./student-t.js";
export { type EvaluatedRun, timeToTarget } from "./time-to-target.js";
export { tunedRates } from "./tuned-rates.js";
export type {
  CellOptions,
  ConditionCell,
  Estimate,
  IntervalOptions,
  Metric,
  SummaryMetric,
  Target,
  TargetMetric,
  TrialOutcomeRow,
  TunedRate,
  Verdict,
  VerdictCounts,
  View,
  WinRate,
  WinRateCell,
  WinRateCells,
  WinRateOptions,
} from "./types.js";
export { isTargetMetric, metrics, summaryMetrics } from "./types.js";
export { type WilcoxonTest, wilcoxonSignedRank } from "./wilcoxon.js";
export { type Interval, wilsonInterval } from "./wilson-interval.js";
export { winRates } from "./win-rates.js";
export { winRatesFromCells } from "./win-rates-from-cells.js";

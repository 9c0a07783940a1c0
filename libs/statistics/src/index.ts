export { cappedLogRatio, logRatioCap, pairVerdict } from "./pair-verdict.js";
export type {
  CellOptions,
  ConditionCell,
  Estimate,
  IntervalOptions,
  Metric,
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
export { metrics } from "./types.js";

export { type BoundChartOptions, boundChart } from "./bound-chart.js";
export { type BandPoint, type CurveBandOptions, curveBands, type SeedCurve, thinned } from "./curve-bands.js";
export { type LearningCurveOptions, learningCurveChart } from "./learning-curve-chart.js";
export { type ParameterEffectOptions, parameterEffectChart } from "./parameter-effect-chart.js";
export {
  type DeclaredSchedule,
  type ParameterEffect,
  type ParameterEffectQuestion,
  parameterEffects,
} from "./parameter-effects.js";
export { type RateChartOptions, rateChart } from "./rate-chart.js";
export { type FinalLoss, type RateSensitivityPoint, rateSensitivity } from "./rate-sensitivity.js";
export { type RateSensitivityOptions, rateSensitivityChart } from "./rate-sensitivity-chart.js";
export { type LivedEpisodes, type ReturnChartOptions, returnChart, type VersionReturn } from "./return-chart.js";
export { type ScheduleMark, scheduleMarks } from "./schedule-marks.js";
export { type WinRateChartOptions, winRateChart } from "./win-rate-chart.js";

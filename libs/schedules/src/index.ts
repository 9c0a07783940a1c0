export { createSchedule, createScheduler, fromSchedule, type ScheduleOptions } from "./create.js";
export { describeSchedule } from "./describe.js";
export { describeFeatures, featureNames, finiteLog } from "./policy/features.js";
export { type InitialPolicyOptions, initialPolicy, outputsOf } from "./policy/initial.js";
export {
  entropy,
  featureLimit,
  forward,
  largest,
  logDensity,
  logProbabilities,
  normalEntropy,
  normalisedFeatures,
} from "./policy/network.js";
export {
  type DecisionInput,
  factorOf,
  type PolicySchedulerOptions,
  type PolicyState,
  policyScheduler,
  sampled,
} from "./policy/scheduler.js";
export { recordedSpec } from "./rules/recorded.js";
export type { Json, Observation, Schedule, Scheduler } from "./schedule.js";
export { type TraceOptions, traceSchedule } from "./trace.js";

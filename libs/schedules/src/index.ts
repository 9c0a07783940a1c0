export { createSchedule, createScheduler, fromSchedule, type ScheduleOptions } from "./create.js";
export { describeSchedule } from "./describe.js";
export { recordedSpec } from "./rules/recorded.js";
export type { Json, Observation, Schedule, Scheduler } from "./schedule.js";
export { type TraceOptions, traceSchedule } from "./trace.js";

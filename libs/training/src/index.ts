export { checkScheduleModule, type ScheduleModule } from "./check/check-schedule-module.js";
export { checkTaskModule, type TaskModule } from "./check/check-task-module.js";
export { ModuleRefused } from "./check/module-refused.js";
export { type TrainOptions, train } from "./train.js";

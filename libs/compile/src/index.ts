export { availableExecutors, type ExecutorAvailability } from "./available-executors.js";
export { createExecutor, type ExecutorOptions } from "./create-executor.js";
export {
  type Executor,
  type ExecutorName,
  executorNames,
  type Program,
  type ProgramOptions,
  type Segment,
} from "./executor.js";
export { UntraceableError } from "./untraceable-error.js";

export { availableExecutors, type ExecutorAvailability } from "./available-executors.js";
export { createExecutor, type ExecutorOptions } from "./create-executor.js";
export {
  type Executor,
  type ExecutorName,
  executorNames,
  type Perturbation,
  type Program,
  type ProgramOptions,
  type Segment,
  type SegmentResult,
  type Watch,
} from "./executor.js";
export { countTaskCost } from "./graph-cost.js";
export { type StepInput, stepInputs } from "./step-inputs.js";
export { UntraceableError } from "./untraceable-error.js";

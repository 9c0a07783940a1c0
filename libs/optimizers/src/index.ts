export { createOptimizer, createSteeredOptimizer, type SteeredOptimizerOptions } from "./create-optimizer.js";
export type {
  LineSearch,
  LineSearchTrial,
  LineSearchVerdict,
  Optimizer,
  Slot,
  TakenRates,
  TrainedState,
  UpdateInput,
  UpdateResult,
} from "./optimizer.js";
export {
  type ParameterResult,
  type ParameterUpdate,
  type PerParameter,
  perParameter,
  perTrial,
} from "./per-parameter.js";
export { innerProduct, total } from "./rules/whole-model.js";

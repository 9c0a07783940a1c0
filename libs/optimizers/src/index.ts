export { createOptimizer } from "./create-optimizer.js";
export type { Optimizer, UpdateInput, UpdateResult } from "./optimizer.js";

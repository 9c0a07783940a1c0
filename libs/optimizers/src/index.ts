export type { Optimizer, UpdateInput, UpdateResult } from "./optimizer.js";

import { createAdam } from "./adam/adam.js";
import type { Optimizer } from "./optimizer.js";
import { createSgd } from "./sgd/sgd.js";
import type { OptimizerSpec } from "./spec.js";

/** Builds an optimizer; it holds no state of its own. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  switch (spec.kind) {
    case "sgd":
      return createSgd(spec);
    case "adam":
    case "adamw":
      return createAdam(spec);
  }
}

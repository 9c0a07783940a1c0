import { createAdam } from "./adam/adam.js";
import type { Optimizer } from "./optimizer.js";
import { createSgd } from "./sgd/sgd.js";
import type { OptimizerSpec } from "./spec.js";

type Creators = {
  readonly [Kind in OptimizerSpec["kind"]]: (spec: Extract<OptimizerSpec, { kind: Kind }>) => Optimizer;
};

const creators: Creators = { sgd: createSgd, adam: createAdam, adamw: createAdam };

/** Builds an optimizer; it holds no state of its own. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  const create = creators[spec.kind] as (spec: OptimizerSpec) => Optimizer;
  return create(spec);
}

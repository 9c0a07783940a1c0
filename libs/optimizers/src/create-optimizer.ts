import { createAdam } from "./adam/adam.js";
import type { Optimizer } from "./optimizer.js";
import { createDAdaptation } from "./rules/d-adaptation/d-adaptation.js";
import type { CreateGradientRule } from "./rules/definition.js";
import { createDog } from "./rules/dog/dog.js";
import { createHypergradient } from "./rules/hypergradient/hypergradient.js";
import { createLineSearch } from "./rules/line-search/line-search.js";
import { createPolyak } from "./rules/polyak/polyak.js";
import { createProdigy } from "./rules/prodigy/prodigy.js";
import { createScheduleFree } from "./rules/schedule-free/schedule-free.js";
import type { GradientRuleSpec } from "./rules/spec.js";
import { createSgd } from "./sgd/sgd.js";
import type { OptimizerSpec } from "./spec.js";

type Creators = {
  readonly [Kind in OptimizerSpec["kind"]]: (spec: Extract<OptimizerSpec, { kind: Kind }>) => Optimizer;
};

const creators: Creators = { sgd: createSgd, adam: createAdam, adamw: createAdam };

type RuleCreators = {
  readonly [Kind in GradientRuleSpec["kind"]]: CreateGradientRule<Extract<GradientRuleSpec, { kind: Kind }>>;
};

const ruleCreators: RuleCreators = {
  "line-search": createLineSearch,
  polyak: createPolyak,
  hypergradient: createHypergradient,
  "d-adaptation": createDAdaptation,
  prodigy: createProdigy,
  dog: createDog,
  "schedule-free": createScheduleFree,
};

/** Builds an optimizer; it holds no state of its own. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  const create = creators[spec.kind] as (spec: OptimizerSpec) => Optimizer;
  return create(spec);
}

export interface SteeredOptimizerOptions {
  readonly optimizer: OptimizerSpec;
  /** One that does not refuse the optimizer. */
  readonly rule: GradientRuleSpec;
  /** Mini-batches of an epoch, at least 1; 1 for a task without data. */
  readonly batchesPerEpoch: number;
}

/** Builds an optimizer whose rate a rule sets from gradients. */
export function createSteeredOptimizer({ optimizer, rule, batchesPerEpoch }: SteeredOptimizerOptions): Optimizer {
  const create = ruleCreators[rule.kind] as CreateGradientRule<GradientRuleSpec>;
  return create({ spec: rule, optimizer, batchesPerEpoch });
}

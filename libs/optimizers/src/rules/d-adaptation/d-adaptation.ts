import type { Optimizer } from "../../optimizer.js";
import type { GradientRuleOptions } from "../definition.js";
import { createDAdaptAdam } from "./d-adapt-adam.js";
import { createDAdaptSgd } from "./d-adapt-sgd.js";
import type { DAdaptationSpec } from "./spec.js";

/** D-Adaptation of the optimizer that is steered; the base learning rate is a factor of the rate that it finds. */
export function createDAdaptation({ spec, optimizer }: GradientRuleOptions<DAdaptationSpec>): Optimizer {
  return optimizer.kind === "sgd" ? createDAdaptSgd(spec, optimizer) : createDAdaptAdam(spec, optimizer);
}

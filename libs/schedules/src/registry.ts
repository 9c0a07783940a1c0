import { z } from "zod";
import { plainRules, plainSchemas } from "./plain-rules.js";
import type { Decisions, Rule, WarningOptions } from "./rule.js";
import { module } from "./rules/module.js";
import { policy } from "./rules/policy.js";
import { product } from "./rules/product.js";
import { sequence } from "./rules/sequence.js";
import { warmup } from "./rules/warmup.js";

/** Every kind of schedule. */
export const rules: readonly Rule[] = [...plainRules, warmup, product, sequence, module, policy];

/** A schedule as a sweep file declares it; parsing fills the defaults in and refuses unknown keys. */
export const scheduleSpecSchema = z.discriminatedUnion("kind", [
  ...plainSchemas,
  warmup.schema,
  product.schema,
  sequence.schema,
  module.schema,
  policy.schema,
]);
export type ScheduleSpec = z.infer<typeof scheduleSpecSchema>;

/** The rule that a spec names. */
export function ruleOf(spec: ScheduleSpec): Rule {
  return rules.find(({ kind }) => kind === spec.kind) as Rule;
}

/** When the rule of a spec may move its rate for another reason than time. */
export function decisions(spec: ScheduleSpec): Decisions {
  return ruleOf(spec).decisions?.(spec) ?? { kind: "open-loop" };
}

/** What may surprise about a valid spec at this base learning rate (and, if given, in so many steps): a sentence each. */
export function warnings(spec: ScheduleSpec, options: WarningOptions): string[] {
  return ruleOf(spec).warnings?.(spec, options) ?? [];
}

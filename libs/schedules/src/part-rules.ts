import { z } from "zod";
import { plainRules, plainSchemas } from "./plain-rules.js";
import type { Rule } from "./rule.js";
import { warmup } from "./rules/warmup.js";
import type { Schedule, Scheduler } from "./schedule.js";

/** A schedule that may stand inside of a product or a sequence: any plain one, also after a warm-up. */
export const partScheduleSchema = z.discriminatedUnion("kind", [...plainSchemas, warmup.schema]);
export type PartScheduleSpec = z.infer<typeof partScheduleSchema>;

const partRules: readonly Rule[] = [...plainRules, warmup];

/** The rule that a part names. */
export function partRuleOf(spec: PartScheduleSpec): Rule {
  return partRules.find(({ kind }) => kind === spec.kind) as Rule;
}

/** Whether a part is a function of the step alone. */
export function isOpenLoop(spec: PartScheduleSpec): boolean {
  return (partRuleOf(spec).decisions?.(spec) ?? { kind: "open-loop" }).kind === "open-loop";
}

/** Starts a part for so many steps, nothing before it. */
export function createPart(
  spec: PartScheduleSpec,
  { learningRate, steps }: { readonly learningRate: number; readonly steps: number },
): Schedule | Scheduler {
  return partRuleOf(spec).create(spec, { learningRate, steps, warmupSteps: 0 });
}

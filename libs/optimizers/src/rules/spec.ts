import { z } from "zod";
import type { OptimizerSpec } from "../spec.js";
import { dAdaptationDefinition } from "./d-adaptation/spec.js";
import type { GradientRuleDefinition, GradientRuleKind } from "./definition.js";
import { dogDefinition } from "./dog/spec.js";
import { hypergradientDefinition } from "./hypergradient/spec.js";
import { lineSearchDefinition } from "./line-search/spec.js";
import { polyakDefinition } from "./polyak/spec.js";
import { prodigyDefinition } from "./prodigy/spec.js";
import { scheduleFreeDefinition } from "./schedule-free/spec.js";

/** Every rule that sets its rate from gradients: a new one is one line here and one in create-optimizer.ts. */
const definitions = [
  lineSearchDefinition,
  polyakDefinition,
  hypergradientDefinition,
  dAdaptationDefinition,
  prodigyDefinition,
  dogDefinition,
  scheduleFreeDefinition,
] as const;

type SchemasOf<Definitions extends readonly GradientRuleDefinition[]> = {
  readonly [Index in keyof Definitions]: Definitions[Index]["schema"];
};
// `map` forgets that it keeps a tuple's length.
const schemas = definitions.map(({ schema }) => schema) as unknown as SchemasOf<typeof definitions>;

/** A rule as a sweep file declares it, among its schedules; parsing fills the defaults in and refuses unknown keys. */
export const gradientRuleSpecSchema = z.discriminatedUnion("kind", schemas);
export type GradientRuleSpec = z.infer<typeof gradientRuleSpecSchema>;

/** What can set the learning rate from gradients. */
export const gradientRuleKinds: readonly GradientRuleKind[] = definitions.map(
  ({ kind, description, source, parameters, cost }) => ({ kind, description, source, parameters, cost }),
);

/** Whether a schedule's spec is that of a rule of this kind. */
export function isGradientRule(spec: { readonly kind: string }): spec is GradientRuleSpec {
  return definitions.some(({ kind }) => kind === spec.kind);
}

/** Why this rule cannot steer this optimizer; undefined when it can. */
export function refusal(rule: GradientRuleSpec, optimizer: OptimizerSpec): string | undefined {
  const definition = definitions.find(({ kind }) => kind === rule.kind) as GradientRuleDefinition;
  const reason = definition.refuses(optimizer, rule);
  return reason === undefined ? undefined : `${rule.kind} ${reason}`;
}

import { z } from "zod";
import { adamDefinition, adamwDefinition } from "./adam/spec.js";
import type { OptimizerDefinition, OptimizerKind } from "./kind.js";
import { sgdDefinition } from "./sgd/spec.js";

const definitions = [sgdDefinition, adamDefinition, adamwDefinition] as const;

type SchemasOf<Definitions extends readonly OptimizerDefinition[]> = {
  readonly [Index in keyof Definitions]: Definitions[Index]["schema"];
};
// `map` forgets that it keeps a tuple's length.
const schemas = definitions.map(({ schema }) => schema) as unknown as SchemasOf<typeof definitions>;

/** An optimizer as a sweep file declares it; parsing fills the defaults in and refuses unknown keys. */
export const optimizerSpecSchema = z.discriminatedUnion("kind", schemas);
export type OptimizerSpec = z.infer<typeof optimizerSpecSchema>;

/** What can train. */
export const optimizerKinds: readonly OptimizerKind[] = definitions.map(
  ({ kind, description, source, parameters }) => ({ kind, description, source, parameters }),
);

/** A short name, one for each distinct spec; options that are not at their defaults show. */
export function optimizerLabel(spec: OptimizerSpec): string {
  const definition = definitions.find(({ kind }) => kind === spec.kind) as OptimizerDefinition;
  return definition.label(spec);
}

export type { OptimizerKind, SpecParameter } from "./kind.js";
export type { GradientRuleCost, GradientRuleKind, GradientRuleParameter } from "./rules/definition.js";
export {
  type GradientRuleSpec,
  gradientRuleKinds,
  gradientRuleSpecSchema,
  isGradientRule,
  refusal,
} from "./rules/spec.js";

import { z } from "zod";
import type { Rule } from "./rule.js";
import { constant } from "./rules/constant.js";
import { cosine } from "./rules/cosine.js";
import { cosineRestarts } from "./rules/cosine-restarts.js";
import { cyclic } from "./rules/cyclic.js";
import { decisionTable } from "./rules/decision-table.js";
import { exponential } from "./rules/exponential.js";
import { greedy } from "./rules/greedy.js";
import { inverseSquareRoot } from "./rules/inverse-square-root.js";
import { linear } from "./rules/linear.js";
import { multiStep } from "./rules/multi-step.js";
import { oneCycle } from "./rules/one-cycle.js";
import { polynomial } from "./rules/polynomial.js";
import { recorded } from "./rules/recorded.js";
import { reduceOnPlateau } from "./rules/reduce-on-plateau.js";
import { rex } from "./rules/rex.js";
import { step } from "./rules/step.js";
import { warmupStableDecay } from "./rules/warmup-stable-decay.js";

/** Every rule but those made of others, the warm-up, the product and the sequence: a new rule is one line here. */
export const plainRules = [
  constant,
  step,
  multiStep,
  exponential,
  polynomial,
  linear,
  rex,
  cosine,
  cosineRestarts,
  oneCycle,
  cyclic,
  warmupStableDecay,
  inverseSquareRoot,
  recorded,
  reduceOnPlateau,
  greedy,
  decisionTable,
] as const;

type SchemasOf<Rules extends readonly Rule[]> = { readonly [Index in keyof Rules]: Rules[Index]["schema"] };
// `map` forgets that it keeps a tuple's length.
export const plainSchemas = plainRules.map(({ schema }) => schema) as unknown as SchemasOf<typeof plainRules>;

/** Any schedule that is not made of others. */
export const plainScheduleSchema = z.discriminatedUnion("kind", plainSchemas);
export type PlainScheduleSpec = z.infer<typeof plainScheduleSchema>;

/** The rule that a spec names. */
export function plainRuleOf(spec: PlainScheduleSpec): Rule {
  return plainRules.find(({ kind }) => kind === spec.kind) as Rule;
}

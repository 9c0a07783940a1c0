import type { z } from "zod";
import type { Optimizer } from "../optimizer.js";
import type { OptimizerSpec } from "../spec.js";

/** One field of a rule's spec, as a listing shows it. */
export interface GradientRuleParameter {
  readonly name: string;
  readonly description: string;
  /** What its number counts, for example "steps"; empty for a choice. */
  readonly unit: string;
  /** Undefined: the field is required. Null: it may be left out, and the description says what follows. */
  readonly default: unknown;
}

/** What a rule costs beyond the optimizer that it steers. */
export interface GradientRuleCost {
  /** Numbers kept for each trained number. */
  readonly numbersPerParameter: number;
  /** For example "one forward pass a try"; empty when a step takes one forward and one backward pass. */
  readonly passes: string;
}

/** A kind of rule that sets its rate from gradients, inside the update, as a listing shows it. */
export interface GradientRuleKind {
  readonly kind: string;
  /** One line. */
  readonly description: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly parameters: readonly GradientRuleParameter[];
  readonly cost: GradientRuleCost;
}

/** Everything about such a rule that needs no tensors. */
export interface GradientRuleDefinition<Schema extends z.ZodType = z.ZodType> extends GradientRuleKind {
  readonly schema: Schema;
  /** Why it cannot steer this optimizer, as the end of a sentence; undefined when it can. */
  refuses(optimizer: OptimizerSpec, spec: z.infer<Schema>): string | undefined;
}

/** What a rule knows of the training it steers. */
export interface GradientRuleOptions<Spec> {
  readonly spec: Spec;
  /** One that the rule does not refuse. */
  readonly optimizer: OptimizerSpec;
  /** Mini-batches of an epoch, at least 1; 1 for a task without data. */
  readonly batchesPerEpoch: number;
}

/** Builds the update: a function in tensors, or a search. */
export type CreateGradientRule<Spec> = (options: GradientRuleOptions<Spec>) => Optimizer;

/** The fields of a spec's schema except its `kind`. */
export function ruleParameters(shape: Readonly<Record<string, z.ZodType>>): GradientRuleParameter[] {
  return Object.entries(shape)
    .filter(([name]) => name !== "kind")
    .map(([name, field]) => {
      const { description = "", unit } = field.meta() ?? {};
      const left = field.safeParse(undefined);
      return { name, description, unit: String(unit ?? ""), default: left.success ? (left.data ?? null) : undefined };
    });
}

/** Why a rule for plain gradient descent cannot steer `optimizer`; undefined when it can. */
export function needsPlainSgd(optimizer: OptimizerSpec): string | undefined {
  if (optimizer.kind !== "sgd") return `steers plain sgd, not ${optimizer.kind}`;
  if (optimizer.momentum !== 0) return `steers sgd without momentum, not with ${optimizer.momentum}`;
  if (optimizer.weightDecay !== 0) return `steers sgd without weight decay, not with ${optimizer.weightDecay}`;
  return undefined;
}

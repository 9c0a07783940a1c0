import type { z } from "zod";

/** One field of a spec, as a listing shows it. */
export interface SpecParameter {
  readonly name: string;
  readonly description: string;
  readonly default: unknown;
}

/** A kind of optimizer, as a listing shows it. */
export interface OptimizerKind {
  readonly kind: string;
  /** One line. */
  readonly description: string;
  /** Where the rule comes from. */
  readonly source: string;
  readonly parameters: readonly SpecParameter[];
}

/** Everything about a kind of optimizer that needs no tensors. */
export interface OptimizerDefinition<Schema extends z.ZodType = z.ZodType> extends OptimizerKind {
  readonly schema: Schema;
  /** A short name, different for different specs; options at their defaults do not show. */
  label(spec: z.infer<Schema>): string;
}

/** The fields of a spec's schema except its `kind`; an optimizer's options all have defaults. */
export function specParameters(shape: Readonly<Record<string, z.ZodType>>): SpecParameter[] {
  return Object.entries(shape)
    .filter(([name]) => name !== "kind")
    .map(([name, field]) => ({ name, description: field.description ?? "", default: field.parse(undefined) }));
}

/** The options that differ from their defaults, as `-word value`; a switch shows by its word alone. */
export function labelOptions<Options extends Readonly<Record<string, number | boolean>>>(
  options: Options,
  defaults: Options,
  words: Readonly<Record<keyof Options & string, string>>,
): string {
  return Object.entries(words)
    .filter(([name]) => options[name] !== defaults[name])
    .map(([name, word]) => (options[name] === true ? `-${word}` : `-${word}${String(options[name])}`))
    .join("");
}

import { z } from "zod";
import type { Path } from "./yaml-source.js";

/** The part of JSON Schema that zod writes and that is read here. */
export interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

/** The schemas that a value at `path` inside `value` may follow: several where a union leaves it open. */
export function schemasAt(schema: JsonSchema, value: unknown, path: Path): readonly JsonSchema[] {
  let [schemas, part]: [readonly JsonSchema[], unknown] = [optionsFor(schema, value), value];
  for (const key of path) {
    part = typeof part === "object" && part !== null ? (part as Record<string | number, unknown>)[key] : undefined;
    schemas = schemas
      .flatMap(({ properties, items }) => (typeof key === "number" ? (items ?? []) : (properties?.[key] ?? [])))
      .flatMap((each) => optionsFor(each, part));
  }
  return schemas;
}

/** A union's options that a value may have been meant for, judged by the fields that must have one certain value. */
function optionsFor(schema: JsonSchema, value: unknown): readonly JsonSchema[] {
  const options = (schema.oneOf ?? schema.anyOf)?.flatMap((option) => optionsFor(option, value));
  if (options === undefined) return [schema];
  // One field after the other, `kind` first: a wrong value in a later one must not bring back what an earlier one has ruled out.
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  const ofItsType = isMapping ? options.filter(({ type }) => type === "object") : options;
  const fixed = [...new Set(["kind", ...options.flatMap(({ properties = {} }) => Object.keys(properties))])];
  return fixed.reduce(
    (left, key) => {
      const meant = left.filter(({ properties }) => {
        const wanted = properties?.[key]?.const;
        if (wanted === undefined || !isMapping || !(key in value)) return true;
        return (value as Record<string, unknown>)[key] === wanted;
      });
      return meant.length > 0 ? meant : left;
    },
    ofItsType.length > 0 ? ofItsType : options,
  );
}

/** The keys that mappings of these schemas may have. */
export function allowedKeys(schemas: readonly JsonSchema[]): readonly string[] {
  return [...new Set(schemas.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** The values that are allowed, where they can be counted. */
export function allowedValues(schemas: readonly JsonSchema[]): readonly string[] {
  const values = schemas.flatMap((schema) => schema.enum ?? (schema.const === undefined ? [] : [schema.const]));
  return [...new Set(values.map(String))];
}

/** For example "a whole number from 1 to 8192"; undefined when there is no saying. */
export function describeAllowed(schemas: readonly JsonSchema[]): string | undefined {
  const values = allowedValues(schemas);
  if (values.length > 0 && schemas.every(({ title }) => title === undefined))
    return values.length === 1 ? values[0] : `one of ${values.join(", ")}`;
  const words = [...new Set(schemas.flatMap((schema) => describeOne(schema) ?? []))];
  return words.length === 0 ? undefined : words.join(" or ");
}

function describeOne(schema: JsonSchema): string | undefined {
  if (schema.title !== undefined) return schema.title;
  switch (schema.type) {
    case "integer":
      return `a whole number${rangeOf(schema)}`;
    case "number":
      return `a number${rangeOf(schema)}`;
    case "boolean":
      return "true or false";
    case "string":
      return "a text";
    case "array":
      return `a list${lengthOf(schema)}`;
    case "object":
      return `a mapping with ${(schema.required ?? allowedKeys([schema])).join(", ")}`;
    default:
      return undefined;
  }
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const safe = (limit: number | undefined) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  if (safe(minimum) && safe(maximum)) return ` from ${minimum} to ${maximum}`;
  const lower =
    exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : safe(minimum) ? `at least ${minimum}` : "";
  const upper =
    exclusiveMaximum !== undefined ? `below ${exclusiveMaximum}` : safe(maximum) ? `at most ${maximum}` : "";
  return [lower, upper]
    .filter((word) => word !== "")
    .map((word, index) => (index === 0 ? ` ${word}` : ` and ${word}`))
    .join("");
}

function lengthOf({ minItems = 0, maxItems }: JsonSchema): string {
  if (maxItems !== undefined) return ` of ${minItems} to ${maxItems} entries`;
  return minItems > 0 ? ` of at least ${minItems} entr${minItems === 1 ? "y" : "ies"}` : "";
}

import { featureNames, type PolicyDocument, policyDocumentSchema } from "@stride/schedules/spec";
import type { z } from "zod";
import { canonicalJson } from "../canonical-json.js";
import { InvalidArgument } from "../errors.js";
import { pathText } from "./explain.js";
import { policyShapeFaults } from "./policy-shapes.js";

/** A policy of the database. */
export interface StoredPolicy {
  readonly name: string;
  readonly version: number;
}

const stored = /^([a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?)@(0|[1-9]\d{0,8})$/;

/** What may stand after `policy:` in a sweep file. */
export const policyReferences =
  "NAME@VERSION (stride policy list) or a path that ends with .json (stride policy export)";

/** What NAME@VERSION names; undefined for other references. */
export function storedPolicy(reference: string): StoredPolicy | undefined {
  const [, name, version] = stored.exec(reference) ?? [];
  return name === undefined ? undefined : { name, version: Number(version) };
}

/** Whether this names a policy: no module's path does. */
export function isPolicyReference(reference: string): boolean {
  return reference.endsWith(".json") || storedPolicy(reference) !== undefined;
}

/** Reads a policy's text. Throws `InvalidArgument` that says what is wrong, and where in the policy. */
export function readPolicy(text: string): PolicyDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgument(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = policyDocumentSchema.safeParse(value);
  const faults = parsed.success ? policyShapeFaults(parsed.data) : parsed.error.issues.map(faultOf);
  if (parsed.success && faults.length === 0) return parsed.data;
  const others = faults.length - 1;
  throw new InvalidArgument(`${faults[0]}${others === 0 ? "" : ` (and ${others} more)`}`);
}

function faultOf({ path, message }: z.core.$ZodIssue): string {
  const place = pathText(path.filter((part) => typeof part !== "symbol"));
  return place === "" ? message : `${place}: ${message}`;
}

/** The text that stands for a policy, whatever spaces and order of keys it came with: one policy has one hash. */
export function canonicalPolicy(text: string): string {
  return canonicalJson(readPolicy(text));
}

const nothingSeen = { gradients: false, bound: false };
const zeros = featureNames(nothingSeen).map(() => 0);

/** Stands in a plan for a policy of the database where there is no database: it decides after every step and changes nothing. */
export const placeholderPolicy = canonicalJson({
  format: 1,
  every: 1,
  sees: nothingSeen,
  actions: { kind: "continuous", most: 2 },
  range: { lowest: 1, highest: 1 },
  selection: "likeliest",
  normalisation: { count: 0, mean: zeros, deviation: zeros.map(() => 1) },
  actor: [{ weights: zeros.map(() => [0]), biases: [0] }],
} satisfies PolicyDocument);

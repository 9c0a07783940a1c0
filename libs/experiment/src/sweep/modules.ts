import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { TaskCost } from "@stride/tasks/spec";
import { canonicalJson } from "../canonical-json.js";
import { InvalidArgument, type SweepIssue } from "../errors.js";
import { pathText } from "./explain.js";
import type { Issue } from "./issue.js";
import { type Entry, mapNaming, type NamingPlace, namingKey } from "./named-texts.js";
import { canonicalPolicy, isPolicyReference, policyReferences, readPolicy } from "./policies.js";
import { readYaml } from "./yaml-source.js";

/** What the users' modules and the policies of a sweep may weigh: they travel with every cohort that names them. */
export const moduleLimits = { bytes: 256 * 1024, bytesOfPolicy: 1024 * 1024, bytesOfAll: 2 * 1024 * 1024 } as const;

/** The modules and the policies that a sweep file names; whoever submits it has read them, and checked the modules. */
export interface SweepModules {
  /** Their texts, by the paths (or NAME@VERSION) that the file gives. */
  readonly sources: Readonly<Record<string, string>>;
  /** What the tasks of kind module cost, by their positions among the file's tasks. */
  readonly costs: Readonly<Record<number, TaskCost>>;
}

/** A place of a sweep file that names a module, which is code, or a policy, which is data. */
export interface ModuleReference {
  readonly kind: "module" | "policy";
  readonly list: "tasks" | "schedules";
  readonly index: number;
  /** As the file gives it: relative to the file, or a policy's NAME@VERSION. */
  readonly path: string;
  /** Where it stands, for an issue about it. */
  readonly place: Omit<SweepIssue, "message">;
}

/** Where a sweep file names modules and policies. Throws `InvalidSweepFile` where it is no YAML. */
export function moduleReferences(text: string, { file = "sweep" }: { readonly file?: string } = {}): ModuleReference[] {
  const source = readYaml(text, file);
  const references: ModuleReference[] = [];
  mapNaming(source.value, (entry, { kind, list, index, at }) => {
    const key = namingKey[kind];
    const path = [...at, key];
    const named = entry[key];
    if (typeof named === "string") {
      references.push({ kind, list, index, path: named, place: { ...source.place(path), path: pathText(path) } });
    }
    return entry;
  });
  return references;
}

/** A text's content hash, 64 hex digits. */
export function moduleHash(source: string): string {
  return bytesToHex(sha256(utf8ToBytes(source)));
}

/** The texts of a sweep's modules and policies by the hashes that specs name. */
export function moduleTexts({ sources }: SweepModules): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(sources).map(([path, source]) => {
      const text = isPolicyReference(path) ? canonicalPolicy(source) : source;
      return [moduleHash(text), text];
    }),
  );
}

/**
 * A sweep file's value with the hash of each module and policy written into its spec, and into a task's what it costs, a policy's how often it
 * decides and what it sees; paths are cut to the file's name. Beside it what is wrong; a spec with an issue is filled in all the same, so
 * that no second issue follows from it.
 */
export function fillModulesIn(
  value: unknown,
  modules: SweepModules,
): { readonly value: unknown; readonly issues: readonly Issue[] } {
  const issues: Issue[] = tooMuch(modules);
  const filled = mapNaming(value, (entry, place) => {
    const key = namingKey[place.kind];
    const named = entry[key];
    const nothing = noneFound(place);
    for (const name of Object.keys(nothing)) {
      if (name in entry) issues.push({ path: [...place.at, name], message: "is no key here: Stride finds it" });
    }
    if (typeof named !== "string") return { ...entry, ...nothing };
    const answer = place.kind === "module" ? findModule(named, modules, place) : findPolicy(named, modules);
    if ("fault" in answer) issues.push({ path: [...place.at, key], message: answer.fault });
    return { ...entry, [key]: named.replace(/^.*[\\/]/, ""), ...nothing, ...("found" in answer ? answer.found : {}) };
  });
  return { value: filled, issues };
}

function tooMuch({ sources }: SweepModules): Issue[] {
  const bytes = Object.values(sources).reduce((sum, source) => sum + utf8ToBytes(source).length, 0);
  if (bytes <= moduleLimits.bytesOfAll) return [];
  const message = `a sweep's modules and policies must have at most ${moduleLimits.bytesOfAll} bytes together, got ${bytes}`;
  return [{ path: [], message }];
}

/** Keys that Stride finds, and what stands there where it finds nothing. */
function noneFound({ kind, list }: NamingPlace): Entry {
  if (kind === "policy") return { sha256: moduleHash(""), every: 1, sees: { gradients: false, bound: false } };
  return { sha256: moduleHash(""), ...(list === "tasks" ? { cost: noCost } : {}) };
}

const noCost: TaskCost = { parameters: 0, flopsPerStep: 0, bytesPerStep: 0, evaluationFlops: 0 };

/** Keys that a text brings, or why it cannot be used. */
type Answer = { readonly found: Entry } | { readonly fault: string };

function findModule(path: string, modules: SweepModules, { list, index }: NamingPlace): Answer {
  const source = textOf(modules, path);
  if (source === undefined) return { fault: `the text of the module ${path} was not given with the sweep` };
  const { length } = utf8ToBytes(source);
  if (length > moduleLimits.bytes) {
    return { fault: `must name a file of at most ${moduleLimits.bytes} bytes, got ${length}` };
  }
  if (source.includes("\0")) return { fault: "must name a text: the file contains a NUL character" };
  if (list === "schedules") return { found: { sha256: moduleHash(source) } };
  const cost = modules.costs[index];
  if (cost === undefined) return { fault: "what the task costs was not given with the sweep" };
  return { found: { sha256: moduleHash(source), cost } };
}

function findPolicy(reference: string, modules: SweepModules): Answer {
  if (!isPolicyReference(reference)) return { fault: `must be ${policyReferences}, got ${JSON.stringify(reference)}` };
  const source = textOf(modules, reference);
  if (source === undefined) return { fault: `the text of the policy ${reference} was not given with the sweep` };
  const { length } = utf8ToBytes(source);
  if (length > moduleLimits.bytesOfPolicy) {
    return { fault: `must name a policy of at most ${moduleLimits.bytesOfPolicy} bytes, got ${length}` };
  }
  try {
    const policy = readPolicy(source);
    return { found: { sha256: moduleHash(canonicalJson(policy)), every: policy.every, sees: policy.sees } };
  } catch (error) {
    if (error instanceof InvalidArgument) return { fault: `${reference} is no policy: ${error.message}` };
    throw error;
  }
}

/** Only what was given: `toString` is no module. */
function textOf({ sources }: SweepModules, path: string): string | undefined {
  return Object.hasOwn(sources, path) ? sources[path] : undefined;
}

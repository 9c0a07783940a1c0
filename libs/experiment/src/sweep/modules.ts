import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { TaskCost } from "@stride/tasks/spec";
import type { SweepIssue } from "../errors.js";
import { pathText } from "./explain.js";
import type { Issue } from "./issue.js";
import { type Path, readYaml } from "./yaml-source.js";

/** What the users' modules of a sweep may weigh: they travel with every cohort that runs them. */
export const moduleLimits = { bytes: 256 * 1024, bytesOfAll: 2 * 1024 * 1024 } as const;

/** The modules that a sweep file names; whoever submits it has read and checked them. */
export interface SweepModules {
  /** Their texts, by the paths that the file gives. */
  readonly sources: Readonly<Record<string, string>>;
  /** What the tasks of kind module cost, by their positions among the file's tasks. */
  readonly costs: Readonly<Record<number, TaskCost>>;
}

/** A place of a sweep file that names a module. */
export interface ModuleReference {
  readonly list: "tasks" | "schedules";
  readonly index: number;
  /** As the file gives it: relative to the file. */
  readonly path: string;
  /** Where it stands, for an issue about it. */
  readonly place: Omit<SweepIssue, "message">;
}

const lists = ["tasks", "schedules"] as const;

/** Where a sweep file names modules. Throws `InvalidSweepFile` where it is no YAML. */
export function moduleReferences(text: string, { file = "sweep" }: { readonly file?: string } = {}): ModuleReference[] {
  const source = readYaml(text, file);
  const references: ModuleReference[] = [];
  mapModules(source.value, (entry, { list, index, at }) => {
    const path = [...at, "path"];
    if (typeof entry.path === "string") {
      references.push({ list, index, path: entry.path, place: { ...source.place(path), path: pathText(path) } });
    }
    return entry;
  });
  return references;
}

interface ModulePlace {
  readonly list: (typeof lists)[number];
  readonly index: number;
  /** Of the module's entry. */
  readonly at: Path;
}

/** The value of a sweep file with each entry of kind module replaced, also a schedule's inside of a control. */
function mapModules(value: unknown, change: (entry: Entry, place: ModulePlace) => Entry): unknown {
  if (!isRecord(value)) return value;
  const visit = (entry: unknown, { list, index, at }: ModulePlace): unknown => {
    if (!isRecord(entry)) return entry;
    if (entry.kind === "module") return change(entry, { list, index, at });
    if (list === "tasks" || !isRecord(entry.schedule)) return entry;
    return { ...entry, schedule: visit(entry.schedule, { list, index, at: [...at, "schedule"] }) };
  };
  const changed = lists.flatMap((list) => {
    const entries = value[list];
    if (!Array.isArray(entries)) return [];
    return [[list, entries.map((entry: unknown, index) => visit(entry, { list, index, at: [list, index] }))] as const];
  });
  return { ...value, ...Object.fromEntries(changed) };
}

/** A module's content hash, 64 hex digits. */
export function moduleHash(source: string): string {
  return bytesToHex(sha256(utf8ToBytes(source)));
}

/** The texts of a sweep's modules by their content hashes. */
export function moduleTexts({ sources }: SweepModules): ReadonlyMap<string, string> {
  return new Map(Object.values(sources).map((source) => [moduleHash(source), source]));
}

/**
 * A sweep file's value with the hash of each module written into its spec, and into a task's what it costs; paths are cut to the
 * file's name. Beside it what is wrong; a spec with an issue gets a hash and a cost all the same, so that no second issue follows from it.
 */
export function fillModulesIn(
  value: unknown,
  modules: SweepModules,
): { readonly value: unknown; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const filled = mapModules(value, (entry, place) => {
    issues.push(...issuesOf(entry, modules, place));
    const { sha256: _hash, cost: _cost, ...given } = entry;
    const path = typeof given.path === "string" ? given.path : undefined;
    return {
      ...given,
      ...(path === undefined ? {} : { path: path.replace(/^.*[\\/]/, "") }),
      sha256: moduleHash((path === undefined ? undefined : textOf(modules, path)) ?? ""),
      ...(place.list === "tasks" ? { cost: modules.costs[place.index] ?? noCost } : {}),
    };
  });
  return { value: filled, issues };
}

const noCost: TaskCost = { parameters: 0, flopsPerStep: 0, bytesPerStep: 0, evaluationFlops: 0 };

function issuesOf(entry: Entry, modules: SweepModules, { list, index, at }: ModulePlace): Issue[] {
  const issues: Issue[] = ["sha256", "cost"]
    .filter((key) => key in entry)
    .map((key) => ({ path: [...at, key], message: "is no key here: Stride finds it" }));
  if (typeof entry.path !== "string") return issues;
  const path = [...at, "path"];
  const source = textOf(modules, entry.path);
  if (source === undefined) {
    return [...issues, { path, message: `the text of the module ${entry.path} was not given with the sweep` }];
  }
  const { length } = utf8ToBytes(source);
  if (length > moduleLimits.bytes) {
    issues.push({ path, message: `must name a file of at most ${moduleLimits.bytes} bytes, got ${length}` });
  } else if (list === "tasks" && modules.costs[index] === undefined) {
    issues.push({ path, message: "what the task costs was not given with the sweep" });
  }
  return issues;
}

/** Only what was given: `toString` is no module. */
function textOf({ sources }: SweepModules, path: string): string | undefined {
  return Object.hasOwn(sources, path) ? sources[path] : undefined;
}

type Entry = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

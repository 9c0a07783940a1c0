import { readFile, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import {
  InvalidSweepFile,
  isAgentSweep,
  isControl,
  isPolicyReference,
  type ModuleReference,
  moduleLimits,
  moduleReferences,
  parseAgentSweep,
  parseSweep,
  placeholderPolicy,
  planTrials,
  type Submission,
  type Sweep,
  type SweepIssue,
  type SweepModules,
  storedPolicy,
} from "@stride/experiment";
import type { TaskCost } from "@stride/tasks/spec";
import type { ModuleCheck } from "@stride/worker/launch";
import { type CheckModulesOptions, checkModules, requireModulesAllowed } from "./check-modules.js";
import { readInput } from "./context.js";

export interface ReadSubmissionOptions extends CheckModulesOptions {
  /** Whether users' modules may run on this machine. */
  readonly allowModules: boolean;
}

/**
 * A sweep file and the modules and policies that it names, read, parsed and checked, ready to be submitted. Throws `InvalidSweepFile` or
 * `InvalidArgument`; modules run only when everything else is right. For a policy of the database stands a placeholder, which whoever
 * has the database replaces.
 */
export async function readSubmission(file: string, options: ReadSubmissionOptions): Promise<Submission> {
  const source = await readInput(file);
  if (isAgentSweep(source)) {
    parseAgentSweep(source, { file });
    return { source, file };
  }
  const references = moduleReferences(source, { file });
  if (references.length === 0) {
    parseSweep(source, { file });
    return { source, file };
  }
  const code = references.filter(({ kind }) => kind === "module");
  requireModulesAllowed(
    code.map(({ path }) => path),
    options.allowModules,
  );
  const sources = await readTexts(file, references);
  const uncounted = Object.fromEntries(
    code.filter(({ list }) => list === "tasks").map(({ index }) => [index, unknownCost]),
  );
  const sweep = parseSweep(source, { file, modules: { sources, costs: uncounted } });
  const modules = { sources, costs: await checkedCosts({ file, sweep, references: code, sources }, options) };
  parseSweep(source, { file, modules });
  return { source, file, modules };
}

/** Until it is counted. */
const unknownCost: TaskCost = { parameters: 1, flopsPerStep: 1, bytesPerStep: 1, evaluationFlops: 1 };

/** The texts that a file names, by their references; one that is no reference to a policy is left for parsing to refuse. */
async function readTexts(file: string, references: readonly ModuleReference[]): Promise<SweepModules["sources"]> {
  const issues: SweepIssue[] = [];
  const sources: Record<string, string> = {};
  let bytes = 0;
  for (const { kind, path, place } of references) {
    if (Object.hasOwn(sources, path) || (kind === "policy" && !isPolicyReference(path))) continue;
    if (kind === "policy" && storedPolicy(path) !== undefined) {
      sources[path] = placeholderPolicy;
      continue;
    }
    const most = kind === "policy" ? moduleLimits.bytesOfPolicy : moduleLimits.bytes;
    try {
      const place = await placeBeside(file, path);
      const found = await stat(place);
      if (!found.isFile()) throw new Error(found.isDirectory() ? "it is a folder" : "it is no regular file");
      const { size } = found;
      if (size > most) throw new Error(`it must have at most ${most} bytes, and has ${size}`);
      bytes += size;
      sources[path] = await readFile(place, "utf8");
      if (bytes > moduleLimits.bytesOfAll) {
        throw new Error(`a sweep's modules and policies must have at most ${moduleLimits.bytesOfAll} bytes together`);
      }
    } catch (error) {
      issues.push({ ...place, message: `cannot read ${path}: ${whyUnreadable(error)}` });
    }
  }
  if (issues.length > 0) throw new InvalidSweepFile(file, issues);
  return sources;
}

/**
 * Where a path of a sweep file leads, links followed: into the file's own folder, or the one where the command runs. A sweep from elsewhere
 * must not reach for what else its reader can read.
 */
async function placeBeside(file: string, path: string): Promise<string> {
  if (path.includes("\0")) throw new Error("it contains a NUL character");
  if (isAbsolute(path)) throw new Error("it must be relative to the sweep file");
  const place = await realpath(resolve(dirname(file), path));
  const folders = await Promise.all([dirname(resolve(file)), process.cwd()].map((folder) => realpath(folder)));
  if (folders.some((folder) => isWithin(folder, place))) return place;
  throw new Error("it leads out of the sweep file's folder and of the folder where this command runs");
}

function isWithin(folder: string, place: string): boolean {
  const way = relative(folder, place);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  return code ?? (error instanceof Error ? error.message : String(error));
}

interface ReadSweep {
  readonly file: string;
  readonly sweep: Sweep;
  /** To modules. */
  readonly references: readonly ModuleReference[];
  readonly sources: SweepModules["sources"];
}

/** What the tasks cost. Throws `InvalidSweepFile` with every module that is refused. */
async function checkedCosts(read: ReadSweep, options: CheckModulesOptions): Promise<SweepModules["costs"]> {
  const { file, references } = read;
  const checks = checksOf(read);
  const issues: SweepIssue[] = [];
  const costs: Record<number, TaskCost> = {};
  let next = 0;
  for await (const answer of checkModules(checks, options)) {
    const reference = references[next++] as ModuleReference;
    if (answer.kind === "task") costs[reference.index] = answer.cost;
    else if (answer.kind === "refused") {
      issues.push({ ...reference.place, message: `${reference.path}: ${answer.message}` });
    }
  }
  if (issues.length > 0) throw new InvalidSweepFile(file, issues);
  return costs;
}

/** One a module, in their order. */
function checksOf({ sweep, references, sources }: ReadSweep): ModuleCheck[] {
  const rates = new Map<string, Set<number>>();
  for (const { scheduleName, learningRate } of planTrials(sweep)) {
    const seen = rates.get(scheduleName) ?? new Set();
    rates.set(scheduleName, seen.add(learningRate));
  }
  return references.map(({ list, index, path }): ModuleCheck => {
    const source = sources[path] as string;
    if (list === "tasks") {
      const task = sweep.tasks[index];
      if (task?.kind !== "module") throw new Error(`tasks[${index}] is no module`);
      return { kind: "task", source, spec: { path, options: task.options } };
    }
    const { name, schedule } = sweep.schedules[index] as Sweep["schedules"][number];
    const bare = isControl(schedule) ? schedule.schedule : schedule;
    if (bare.kind !== "module") throw new Error(`schedules[${index}] is no module`);
    const { sha256: _, ...spec } = bare;
    return {
      kind: "schedule",
      source,
      spec,
      learningRates: [...(rates.get(name) ?? sweep.learningRates)],
      steps: sweep.steps,
      evaluateEvery: sweep.evaluate.every,
    };
  });
}

import { optimizerSpecSchema } from "@stride/optimizers/spec";
import { InvalidSweepFile, type SweepIssue } from "./errors.js";
import { logGrid } from "./log-grid.js";
import { stabilitySchema } from "./stability.js";
import { jsonSchema } from "./sweep/allowed.js";
import { check } from "./sweep/check.js";
import { explain, pathText } from "./sweep/explain.js";
import type { Sweep } from "./sweep/grid.js";
import type { Issue } from "./sweep/issue.js";
import { fillModulesIn, type SweepModules } from "./sweep/modules.js";
import { analysisSchema, type SweepFile, sweepFileSchema } from "./sweep/schema.js";
import { type Path, readYaml } from "./sweep/yaml-source.js";

export interface ParseSweepOptions {
  /** The file's name in messages; "sweep" when left out. */
  readonly file?: string;
  /** The modules that the file names; none when left out. */
  readonly modules?: SweepModules;
}

const defaultOptimizers = [optimizerSpecSchema.parse({ kind: "sgd", momentum: 0.9 })];
const noModules: SweepModules = { sources: {}, costs: {} };
/** Evaluations a run when the file does not say how often. */
const defaultEvaluations = 20;

/** Reads a sweep file (docs/sweep-file.md). Throws `InvalidSweepFile` with everything that is wrong, each with its place. */
export function parseSweep(text: string, { file = "sweep", modules = noModules }: ParseSweepOptions = {}): Sweep {
  const source = readYaml(text, file);
  const placed = (issues: readonly Issue[]) =>
    issues.map(({ path, message }) => ({ ...source.place(path), path: pathText(path), message }));
  const named = fillModulesIn(source.value, modules);
  const value = withNamesApart(named.value);
  const parsed = sweepFileSchema.safeParse(value);
  if (!parsed.success) {
    const schema = jsonSchema(sweepFileSchema);
    const explained = explain(parsed.error.issues, { schema, value, source, pathInFile });
    throw invalidSweepFile(file, [...placed(named.issues), ...explained]);
  }
  const sweep = completed(parsed.data);
  const issues = [...named.issues, ...check(sweep)];
  if (issues.length === 0) return sweep;
  throw invalidSweepFile(file, placed(issues));
}

function invalidSweepFile(file: string, issues: readonly SweepIssue[]): InvalidSweepFile {
  const inOrder = [...issues].sort((left, right) => left.line - right.line || left.column - right.column);
  return new InvalidSweepFile(file, inOrder);
}

/** What a schedule's entry says about it, and not to it. */
const beside = ["name", "only", "search", "clip", "stability"];

/** The file writes these among a schedule's options; here they are apart: `{ name, kind, … }` → `{ name, schedule: { kind, … } }`. */
function withNamesApart(value: unknown): unknown {
  if (!isRecord(value) || !Array.isArray(value.schedules)) return value;
  const schedules = value.schedules.map((entry: unknown) => {
    if (!isRecord(entry)) return entry;
    const [apart, schedule] = [true, false].map((wanted) =>
      Object.fromEntries(Object.entries(entry).filter(([key]) => beside.includes(key) === wanted)),
    );
    return { ...apart, schedule };
  });
  return { ...value, schedules };
}

/** Undoes `withNamesApart` in a path. */
function pathInFile(path: Path): Path {
  return path[0] === "schedules" && path[2] === "schedule" ? [...path.slice(0, 2), ...path.slice(3)] : path;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function completed(file: SweepFile): Sweep {
  const { study, tasks, seeds, steps, noise, evaluate, analysis, search } = file;
  const schedules = file.schedules.map(({ name, schedule, only, search: ranges, clip, stability }) => ({
    name: name ?? schedule.kind,
    schedule,
    ...(only === undefined ? {} : { only }),
    ...(ranges === undefined ? {} : { search: ranges }),
    ...(clip === undefined ? {} : { stability: stabilitySchema.parse({ clip: true }) }),
    ...(stability === undefined ? {} : { stability }),
  }));
  const learningRates = Array.isArray(file.learningRates) ? file.learningRates : logGrid(file.learningRates.logGrid);
  const whole = { from: Math.min(...learningRates), to: Math.max(...learningRates) };
  return {
    study,
    tasks,
    optimizers: file.optimizers ?? defaultOptimizers,
    schedules,
    learningRates,
    seeds,
    steps,
    evaluate: evaluate ?? { every: Math.ceil(steps / defaultEvaluations) },
    ...(search === undefined ? {} : { search: { ...search, learningRate: search.learningRate ?? whole } }),
    noise,
    analysis: analysisSchema.parse({ ...analysis, baseline: analysis?.baseline ?? schedules[0]?.name }),
  };
}

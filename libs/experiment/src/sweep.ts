import { type OptimizerSpec, optimizerSpecSchema } from "@stride/optimizers/spec";
import type { ScheduleSpec } from "@stride/schedules/spec";
import type { TaskSpec } from "@stride/tasks/spec";
import { InvalidSweepFile, type SweepIssue } from "./errors.js";
import { logGrid } from "./log-grid.js";
import { jsonSchema } from "./sweep/allowed.js";
import { check } from "./sweep/check.js";
import { explain, pathText } from "./sweep/explain.js";
import { type Analysis, analysisSchema, type SweepFile, sweepFileSchema } from "./sweep/schema.js";
import { type Path, readYaml } from "./sweep/yaml-source.js";

/** A schedule under the name it is compared by. */
export interface NamedSchedule {
  readonly name: string;
  readonly schedule: ScheduleSpec;
}

/** The declared grid: every combination is a trial. Plain JSON, all defaults filled in. */
export interface Sweep {
  readonly study: string;
  readonly tasks: readonly TaskSpec[];
  readonly optimizers: readonly OptimizerSpec[];
  readonly schedules: readonly NamedSchedule[];
  readonly learningRates: readonly number[];
  /** How many of each. */
  readonly seeds: { readonly tuning: number; readonly report: number };
  readonly steps: number;
  readonly evaluate: { readonly every: number };
  readonly noise: "none";
  readonly analysis: Analysis;
}

export interface ParseSweepOptions {
  /** The file's name in messages; "sweep" when left out. */
  readonly file?: string;
}

const defaultOptimizers = [optimizerSpecSchema.parse({ kind: "sgd", momentum: 0.9 })];
/** Evaluations a run when the file does not say how often. */
const defaultEvaluations = 20;

/** Reads a sweep file (docs/sweep-file.md). Throws `InvalidSweepFile` with everything that is wrong, each with its place. */
export function parseSweep(text: string, { file = "sweep" }: ParseSweepOptions = {}): Sweep {
  const source = readYaml(text, file);
  const value = withNamesApart(source.value);
  const parsed = sweepFileSchema.safeParse(value);
  if (!parsed.success) {
    const schema = jsonSchema(sweepFileSchema);
    throw invalidSweepFile(file, explain(parsed.error.issues, { schema, value, source, pathInFile }));
  }
  const sweep = completed(parsed.data);
  const issues = check(sweep);
  if (issues.length === 0) return sweep;
  throw invalidSweepFile(
    file,
    issues.map(({ path, message }) => ({ ...source.place(path), path: pathText(path), message })),
  );
}

function invalidSweepFile(file: string, issues: readonly SweepIssue[]): InvalidSweepFile {
  const inOrder = [...issues].sort((left, right) => left.line - right.line || left.column - right.column);
  return new InvalidSweepFile(file, inOrder);
}

/** The file writes a schedule's name among its options; here they are apart: `{ name, kind, … }` → `{ name, schedule: { kind, … } }`. */
function withNamesApart(value: unknown): unknown {
  if (!isRecord(value) || !Array.isArray(value.schedules)) return value;
  const schedules = value.schedules.map((entry: unknown) => {
    if (!isRecord(entry)) return entry;
    const { name, ...schedule } = entry;
    return "name" in entry ? { name, schedule } : { schedule };
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
  const { study, tasks, seeds, steps, noise, learningRates, evaluate, analysis } = file;
  const schedules = file.schedules.map(({ name, schedule }) => ({ name: name ?? schedule.kind, schedule }));
  return {
    study,
    tasks,
    optimizers: file.optimizers ?? defaultOptimizers,
    schedules,
    learningRates: Array.isArray(learningRates) ? learningRates : logGrid(learningRates.logGrid),
    seeds,
    steps,
    evaluate: evaluate ?? { every: Math.ceil(steps / defaultEvaluations) },
    noise,
    analysis: analysisSchema.parse({ ...analysis, baseline: analysis?.baseline ?? schedules[0]?.name }),
  };
}

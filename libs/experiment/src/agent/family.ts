import { randomStream } from "@stride/random";
import { type TaskSpec, taskLabel, taskSpecSchema } from "@stride/tasks/spec";
import { z } from "zod";
import type { SweepIssue } from "../errors.js";
import { rangeSchema, valueAt } from "../random-search.js";
import { jsonSchema } from "../sweep/allowed.js";
import { explain, pathText } from "../sweep/explain.js";
import type { Path, YamlSource } from "../sweep/yaml-source.js";

/** Tasks of a family, by what they are for. */
export interface FamilyTasks {
  readonly train: readonly TaskSpec[];
  readonly validation: readonly TaskSpec[];
  readonly test: readonly TaskSpec[];
}

export interface FamilyOptions {
  /** Fields of a task, each a value or a range. */
  readonly task: Readonly<Record<string, unknown>>;
  /** How many of each. */
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
  readonly seed: number;
  /** The file that they stand in, under `family.task`. */
  readonly source: YamlSource;
}

/** Draws of one task before the family is taken for too small. */
const mostAttempts = 200;

/**
 * The tasks of a family: functions of the seed, the set's name and the task's number, so that more tasks of a set leave the first ones. No
 * two have the same label, in one set or in two. Beside them what is wrong; then they are not complete.
 */
export function drawFamily({ task, counts, seed, source }: FamilyOptions): {
  readonly tasks: FamilyTasks;
  readonly issues: readonly SweepIssue[];
} {
  const fields = Object.entries(task).map(([name, value]) => fieldOf(name, value, source));
  const issues: SweepIssue[] = fields.flatMap((field) => ("faults" in field ? field.faults : []));
  const drawn = fields.filter((field) => "valueAt" in field);
  const used = new Set<string>();
  const set = (name: keyof FamilyTasks): TaskSpec[] => {
    const next = taskDrawer({ fields: drawn, purpose: `family:${name}`, seed, used, source });
    const tasks: TaskSpec[] = [];
    while (issues.length === 0 && tasks.length < counts[name]) {
      const answer = next(tasks.length);
      if ("faults" in answer) issues.push(...answer.faults);
      else tasks.push(answer.task);
    }
    return tasks;
  };
  // What is held out comes first: it does not hang on how much is trained on.
  const [test, validation, train] = [set("test"), set("validation"), set("train")];
  return { tasks: { train, validation, test }, issues };
}

interface Faulty {
  readonly faults: readonly SweepIssue[];
}

/** A field of the task, and its value at a place u in [0, 1) of its range. */
interface Field {
  readonly name: string;
  readonly valueAt: (u: number) => unknown;
}

/** As in a random search, but with any values to choose from: lists too. */
const choicesSchema = z.strictObject({ oneOf: z.array(z.unknown()).min(1).max(1_000) });
const [, spanSchema] = rangeSchema.options;

function fieldOf(name: string, value: unknown, source: YamlSource): Field | Faulty {
  const isMapping = typeof value === "object" && value !== null;
  const parsed =
    isMapping && "oneOf" in value
      ? choicesSchema.safeParse(value)
      : isMapping && "from" in value
        ? spanSchema.safeParse(value)
        : undefined;
  if (parsed === undefined) return { name, valueAt: () => value };
  if (!parsed.success) {
    const schema = jsonSchema(isMapping && "oneOf" in value ? choicesSchema : spanSchema);
    return {
      faults: explain(parsed.error.issues, { schema, value, source, pathInFile: (path) => inFile(name, ...path) }),
    };
  }
  const range = parsed.data;
  if ("oneOf" in range) return { name, valueAt: (u) => range.oneOf[Math.floor(u * range.oneOf.length)] };
  return { name, valueAt: (u) => valueAt(range, u) };
}

interface DrawingOptions {
  readonly fields: readonly Field[];
  readonly purpose: string;
  readonly seed: number;
  /** Labels of the tasks that there are; a new one's is added. */
  readonly used: Set<string>;
  readonly source: YamlSource;
}

/** Draws the task of an index anew until it is none of those there are. */
function taskDrawer({ fields, purpose, seed, used, source }: DrawingOptions) {
  const streams = fields.map(({ name, valueAt }) => {
    return { name, valueAt, stream: randomStream({ seed, purpose: `${purpose}:${name}` }) };
  });
  const fault = (field: Path, message: string): SweepIssue => {
    const path = inFile(...field);
    return { ...source.place(path), path: pathText(path), message };
  };
  return (index: number): { readonly task: TaskSpec } | Faulty => {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const value = Object.fromEntries(
        streams.map(({ name, valueAt, stream }) => [name, valueAt(stream.uniform(index, attempt))]),
      );
      if (value.kind === "module")
        return { faults: [fault(["kind"], "must not be module: tasks of your own cannot be drawn")] };
      const parsed = taskSpecSchema.safeParse(value);
      if (!parsed.success) {
        const schema = jsonSchema(taskSpecSchema);
        return {
          faults: explain(parsed.error.issues, { schema, value, source, pathInFile: (path) => inFile(...path) }),
        };
      }
      const label = taskLabel(parsed.data);
      if (used.has(label)) continue;
      used.add(label);
      return { task: parsed.data };
    }
    const message = `must have more different tasks: ${mostAttempts} draws in a row gave none but the ${used.size} there are`;
    return { faults: [fault([], message)] };
  };
}

function inFile(...path: Path): Path {
  return ["family", "task", ...path];
}

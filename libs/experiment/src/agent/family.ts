import { randomStream } from "@stride/random";
import { type TaskSpec, taskLabel, taskSpecSchema } from "@stride/tasks/spec";
import { z } from "zod";
import { rangeSchema, valueAt } from "../random-search.js";
import type { Issue } from "../sweep/issue.js";

const choicesSchema = z.strictObject({ oneOf: z.array(z.unknown()).min(1).max(1_000) });

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
}

/** Draws of one task before the family is taken for too small. */
const mostAttempts = 200;

/**
 * The tasks of a family: functions of the seed, the set's name and the task's number, so that more tasks of a set leave the first ones. No
 * two are the same, in one set or in two. Beside them what is wrong.
 */
export function drawFamily({ task, counts, seed }: FamilyOptions): {
  readonly tasks: FamilyTasks;
  readonly issues: Issue[];
} {
  const used = new Set<string>();
  const issues: Issue[] = fieldIssues(task);
  const set = (name: keyof FamilyTasks): TaskSpec[] => {
    const tasks: TaskSpec[] = [];
    while (issues.length === 0 && tasks.length < counts[name]) {
      const drawn = drawDistinct({ task, purpose: `family:${name}`, seed, index: tasks.length, used });
      if ("issue" in drawn) issues.push(drawn.issue);
      else tasks.push(drawn.task);
    }
    return tasks;
  };
  // What is held out comes first: it does not hang on how much is trained on.
  const [test, validation, train] = [set("test"), set("validation"), set("train")];
  return { tasks: { train, validation, test }, issues };
}

function fieldIssues(task: FamilyOptions["task"]): Issue[] {
  return Object.entries(task).flatMap(([field, value]) => {
    if (!isRange(value)) return [];
    const parsed = "oneOf" in value ? choicesSchema.safeParse(value) : rangeSchema.safeParse(value);
    if (parsed.success) return [];
    return [{ path: ["family", "task", field], message: `must be a range: ${parsed.error.issues[0]?.message}` }];
  });
}

function isRange(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && ("oneOf" in value || "from" in value);
}

interface Drawing {
  readonly task: FamilyOptions["task"];
  readonly purpose: string;
  readonly seed: number;
  readonly index: number;
  /** Labels of the tasks that there are; the new one's is added. */
  readonly used: Set<string>;
}

function drawDistinct({
  task,
  purpose,
  seed,
  index,
  used,
}: Drawing): { readonly task: TaskSpec } | { readonly issue: Issue } {
  const streams = Object.keys(task).map((field) => randomStream({ seed, purpose: `${purpose}:${field}` }));
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const spec = Object.fromEntries(
      Object.entries(task).map(([field, value], i) => {
        const u = streams[i]?.uniform(index, attempt) as number;
        return [field, drawnValue(value, u)];
      }),
    );
    const parsed = taskSpecSchema.safeParse(spec);
    if (!parsed.success) {
      const [first] = parsed.error.issues;
      const at = (first?.path ?? []).filter((part) => typeof part !== "symbol");
      return {
        issue: {
          path: ["family", "task", ...at],
          message: `gives no task: ${first?.message}, drawn ${JSON.stringify(spec)}`,
        },
      };
    }
    const label = taskLabel(parsed.data);
    if (used.has(label)) continue;
    used.add(label);
    return { task: parsed.data };
  }
  const message = `must have more different tasks: ${mostAttempts} draws in a row gave none but the ${used.size} that there are`;
  return { issue: { path: ["family", "task"], message } };
}

function drawnValue(value: unknown, u: number): unknown {
  if (!isRange(value)) return value;
  if ("oneOf" in value) {
    const { oneOf } = choicesSchema.parse(value);
    return oneOf[Math.floor(u * oneOf.length)];
  }
  return valueAt(rangeSchema.parse(value), u);
}

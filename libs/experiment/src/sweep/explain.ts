import type { z } from "zod";
import type { SweepIssue } from "../errors.js";
import { allowedKeys, allowedValues, describeAllowed, type JsonSchema, schemasAt } from "./allowed.js";
import { nearest } from "./nearest.js";
import type { Path, YamlSource } from "./yaml-source.js";

export interface ExplainOptions {
  readonly schema: JsonSchema;
  /** What was parsed with the schema. */
  readonly value: unknown;
  readonly source: YamlSource;
  /** The path in the file of a path in the value. */
  readonly pathInFile: (path: Path) => Path;
}

/** What zod found, in the words of the file: where, what is allowed, what came. */
export function explain(issues: readonly z.core.$ZodIssue[], options: ExplainOptions): SweepIssue[] {
  return issues.flatMap((issue) => explainOne(issue, options));
}

function explainOne(issue: z.core.$ZodIssue, options: ExplainOptions): SweepIssue[] {
  const { schema, value, source, pathInFile } = options;
  const path = issue.path.filter((part) => typeof part !== "symbol");
  const inFile = pathInFile(path);
  const schemas = schemasAt(schema, value, path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const keys = allowedKeys(schemas)
        .flatMap((each) => pathInFile([...path, each]).at(-1) ?? [])
        .map(String);
      return {
        ...source.keyPlace(inFile, key),
        path: pathText([...inFile, key]),
        message: `is no key here: ${suggestion(key, keys) ?? `allowed are ${keys.join(", ")}`}`,
      };
    });
  }
  const came = path.reduce<unknown>(
    (part, key) =>
      typeof part === "object" && part !== null ? (part as Record<string | number, unknown>)[key] : undefined,
    value,
  );
  const allowed = describeAllowed(schemas);
  return [{ ...source.place(inFile), path: pathText(inFile), message: message() }];

  function message(): string {
    if (issue.code === "custom") {
      const field = String(path.at(-1));
      const said = issue.message.startsWith(`${field} `) ? issue.message.slice(field.length + 1) : issue.message;
      return /^(must|needs) /.test(said)
        ? `${said}${came === undefined ? "" : `, got ${show(came)}`}`
        : `is refused: ${said}`;
    }
    if (allowed === undefined) return `${issue.message}, got ${show(came)}`;
    if (came === undefined) return `is missing: it must be ${allowed}`;
    const hint = typeof came === "string" ? suggestion(came, allowedValues(schemas)) : undefined;
    return `must be ${allowed}, got ${show(came)}${hint === undefined ? "" : ` (${hint})`}`;
  }
}

function suggestion(word: string, candidates: readonly string[]): string | undefined {
  const meant = nearest(word, candidates);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

/** For example `schedules[0].factor`. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}

/** A value in a message, short. */
export function show(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length} entr${value.length === 1 ? "y" : "ies"}`;
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

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
  /** The path in the file of a path in the value; shorter where the file writes a mapping's keys among those around it. */
  readonly pathInFile: (path: Path) => Path;
}

/** What zod found, in the words of the file: where, what is allowed, what came. */
export function explain(issues: readonly z.core.$ZodIssue[], options: ExplainOptions): SweepIssue[] {
  const { value, source, pathInFile } = options;
  return issues.flatMap((issue): SweepIssue[] => {
    const path = issue.path.filter((part) => typeof part !== "symbol");
    const inFile = pathInFile(path);
    const came = valueAt(value, path);
    if (issue.code === "unrecognized_keys") {
      const keys = keysAt(path, options);
      return issue.keys.map((key) => ({
        ...source.keyPlace(inFile, key),
        path: pathText([...inFile, key]),
        message: `is no key here: ${suggestion(key, keys) ?? `allowed are ${keys.join(", ")}`}`,
      }));
    }
    const meant = issue.code === "invalid_union" && came !== undefined ? meantOption(issue.errors) : undefined;
    if (meant !== undefined) {
      return explain(
        meant.map((inner) => ({ ...inner, path: [...path, ...inner.path] })),
        options,
      );
    }
    const message = issue.code === "custom" ? refusal(issue.message, path, came) : expectation(path, came, options);
    return [{ ...source.place(inFile), path: pathText(inFile), message: message ?? issue.message }];
  });
}

/** The keys that the file may have at a path. */
function keysAt(path: Path, { schema, value, pathInFile }: ExplainOptions): readonly string[] {
  const keys = allowedKeys(schemasAt(schema, value, path));
  const around = path.slice(0, -1);
  if (path.length === 0 || pathInFile(around).length < pathInFile(path).length) return keys;
  return [...allowedKeys(schemasAt(schema, value, around)).filter((key) => key !== path.at(-1)), ...keys];
}

/** The issues of the one option of a union whose type fits, if there is one. */
function meantOption(options: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const ofAnotherType = ({ code, path }: z.core.$ZodIssue) =>
    path.length === 0 && (code === "invalid_type" || code === "invalid_value");
  const fitting = options.filter((all) => !all.some(ofAnotherType));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** A rule between fields, in the words of its schema: "batch must not exceed rows". */
function refusal(said: string, path: Path, came: unknown): string {
  const field = `${String(path.at(-1))} `;
  const rule = said.startsWith(field) ? said.slice(field.length) : said;
  if (!/^(must|needs) /.test(rule)) return `is refused: ${rule}`;
  return came === undefined ? rule : `${rule}, got ${show(came)}`;
}

function expectation(path: Path, came: unknown, { schema, value }: ExplainOptions): string | undefined {
  const schemas = schemasAt(schema, value, path);
  const allowed = describeAllowed(schemas);
  if (allowed === undefined) return undefined;
  if (path.length === 0) return `a sweep file must be ${allowed}, got ${show(came)}`;
  if (came === undefined) return `is missing: it must be ${allowed}`;
  const hint = typeof came === "string" ? suggestion(came, allowedValues(schemas)) : undefined;
  return `must be ${allowed}, got ${show(came)}${hint === undefined ? "" : ` (${hint})`}`;
}

function suggestion(word: string, candidates: readonly string[]): string | undefined {
  const meant = nearest(word, candidates);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (part, key) =>
      typeof part === "object" && part !== null ? (part as Record<string | number, unknown>)[key] : undefined,
    value,
  );
}

/** For example `schedules[0].factor`. */
export function pathText(path: Path): string {
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${part}`))
    .join("");
}

/** A value in a message, short. */
function show(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length} entr${value.length === 1 ? "y" : "ies"}`;
  if (typeof value === "object") return "a mapping";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

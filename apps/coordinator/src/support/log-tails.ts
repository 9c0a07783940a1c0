import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Fields of a log line that a bundle keeps; what is not listed here may be anything. */
const kept = [
  ...[
    "time",
    "level",
    "msg",
    "worker",
    "service",
    "study",
    "cohort",
    "attempt",
    "executor",
    "trials",
    "episodes",
    "iteration",
  ],
  ...[
    "slots",
    "busy",
    "kind",
    "because",
    "ending",
    "told",
    "reason",
    "error",
    "why",
    "method",
    "code",
    "seconds",
    "drainMs",
    "trace_id",
  ],
] as const;

export interface LogTail {
  readonly file: string;
  /** The last lines that are JSON objects, with known fields alone. */
  readonly lines: readonly Readonly<Record<string, string | number>>[];
  /** Among the last lines, those that are not, and so are not told. */
  readonly otherLines: number;
}

const filesAtMost = 10;
const linesAtMost = 200;
const longestText = 2_000;

/** The ends of the newest logs of a home folder. */
export async function logTails(home: string): Promise<readonly LogTail[]> {
  const folder = join(home, "logs");
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith(".log"))
      .map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  const newest = files.sort((left, right) => right.at - left.at).slice(0, filesAtMost);
  return Promise.all(newest.map(({ name }) => tailOf(folder, name)));
}

async function tailOf(folder: string, name: string): Promise<LogTail> {
  const text = await readFile(join(folder, name), "utf8");
  const last = text.trimEnd().split("\n").slice(-linesAtMost);
  const lines = last.map(fieldsOf).filter((fields) => fields !== undefined);
  return { file: name, lines, otherLines: last.length - lines.length };
}

function fieldsOf(line: string): Record<string, string | number> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const came = new Map<string, unknown>(Object.entries(parsed));
  const fields: Record<string, string | number> = {};
  for (const name of kept) {
    const value = came.get(name);
    if (typeof value === "string") fields[name] = value.slice(0, longestText);
    if (typeof value === "number") fields[name] = value;
  }
  return fields;
}

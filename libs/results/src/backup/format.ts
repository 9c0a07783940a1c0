import { InvalidArgument } from "@stride/experiment";

/**
 * A backup is a gzipped text: a header, then for each table a heading, its rows as Postgres' COPY writes them, and a line `\.`; then an end.
 * Header, headings and end are JSON, a line each. Without its end a backup is not whole.
 */
export const backupFormat = 1;

export interface BackupHeader {
  readonly stride: "backup";
  readonly format: number;
  /** When the newest migration of the tables was written, in milliseconds. */
  readonly migration: number;
  readonly createdAt: string;
}

export interface TableHeading {
  readonly table: string;
  readonly columns: readonly string[];
}

/** Rows by table. */
export type RowCounts = Readonly<Record<string, number>>;

export interface BackupEnd {
  readonly end: true;
  readonly rows: RowCounts;
}

export const endOfRows = "\\.";

/** A name as SQL takes it. Backups come from outside: what is no plain name is refused. */
export function quoted(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name))
    throw notABackup(`${JSON.stringify(name.slice(0, 100))} names no table or column`);
  return `"${name}"`;
}

export function notABackup(why: string): InvalidArgument {
  return new InvalidArgument(`this is not a whole backup of Stride: ${why}`);
}

export function parseHeader(line: string | undefined): BackupHeader {
  const header = parseLine(line, "its first line");
  if (header.stride !== "backup" || typeof header.migration !== "number") throw notABackup("its first line is another");
  if (header.format !== backupFormat) {
    throw notABackup(`it has the format ${String(header.format).slice(0, 20)}, this version reads ${backupFormat}`);
  }
  return header as unknown as BackupHeader;
}

export function parseHeading(line: string | undefined): TableHeading | BackupEnd {
  const heading = parseLine(line, "the line after a table");
  if (heading.end === true && typeof heading.rows === "object" && heading.rows !== null)
    return heading as unknown as BackupEnd;
  const { table, columns } = heading;
  if (typeof table !== "string" || !Array.isArray(columns) || columns.some((column) => typeof column !== "string")) {
    throw notABackup("it has neither a table nor the end where one should be");
  }
  return { table, columns: columns as string[] };
}

function parseLine(line: string | undefined, place: string): Record<string, unknown> {
  if (line === undefined) throw notABackup(`it ends before ${place}`);
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw notABackup(`${place} is no JSON object`);
}

/** Thrown when something is asked for that cannot be; says where, what is allowed and what came. Never retried. */
export class InvalidArgument extends Error {
  override readonly name: string = "InvalidArgument";
}

/** One thing wrong with a sweep file; line and column count from 1. */
export interface SweepIssue {
  readonly line: number;
  readonly column: number;
  /** For example `schedules[0].factor`; empty for the file as a whole. */
  readonly path: string;
  /** What is allowed and what came. */
  readonly message: string;
}

/** Issues that a message lists; the rest are counted. */
const mostListed = 30;

/** Thrown for a sweep file that cannot be planned: one line an issue, `file:line:column path message`, in the file's order. */
export class InvalidSweepFile extends InvalidArgument {
  override readonly name = "InvalidSweepFile";
  readonly file: string;
  readonly issues: readonly SweepIssue[];
  constructor(file: string, issues: readonly SweepIssue[]) {
    const lines = issues.slice(0, mostListed).map(({ line, column, path, message }) => {
      return `${file}:${line}:${column} ${path === "" ? "" : `${path} `}${message}`;
    });
    const rest = issues.length - lines.length;
    super([...lines, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n"));
    this.file = file;
    this.issues = issues;
  }
}

/** Marks what cannot happen: fails to compile where a union has a case that was not handled. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}

import { readFileSync, statSync } from "node:fs";
import { InvalidArgument } from "@stride/experiment";

/** A file that a setting names; messages show both, never what is in it. */
export interface NamedFile {
  /** The setting, such as STRIDE_TLS_KEY_FILE. */
  readonly name: string;
  readonly file: string;
}

const mostBytes = 1024 * 1024;

/** An InvalidArgument that begins with the setting and its file. */
export function fault({ name, file }: NamedFile, message: string, cause?: unknown): InvalidArgument {
  return new InvalidArgument(`${name}: ${file} ${message}`, cause === undefined ? {} : { cause });
}

/** The file's bytes. Throws InvalidArgument. */
export function readNamedFile(named: NamedFile): Buffer {
  try {
    const { size } = statSync(named.file);
    if (size > mostBytes) throw fault(named, `must have at most ${mostBytes} bytes, and has ${size}`);
    return readFileSync(named.file);
  } catch (error) {
    if (error instanceof InvalidArgument) throw error;
    throw fault(named, `cannot be read: ${whyUnreadable(error)}`, error);
  }
}

/** Whether every user of this machine may read the file. */
export function isReadableByAll({ file }: NamedFile): boolean {
  return (statSync(file).mode & 0o004) !== 0;
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file",
    ENOTDIR: "there is no such file",
    EISDIR: "it is a folder",
    EACCES: "this user may not read it",
  };
  return reasons[code] ?? code;
}

import { open, readFile } from "node:fs/promises";
import { InvalidArgument } from "@stride/experiment";
import type { Settings } from "./settings.js";

/** What every command needs from the process; made in main alone. */
export interface Context {
  /** Parsed on first use, so that `--help` works in any environment. */
  readonly settings: () => Settings;
  /** The process's own, for what settings do not hold. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted at Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Sets how the process will exit. */
  readonly exit: (code: number) => void;
}

/** A file's text. Throws InvalidArgument when it cannot be read. */
export async function readInput(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Throws InvalidArgument when a file cannot be opened for reading. */
export async function readable(file: string): Promise<void> {
  try {
    await using handle = await open(file);
    if ((await handle.stat()).isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): InvalidArgument {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const why = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(code);
  return new InvalidArgument(`cannot read ${file}: ${why}`);
}

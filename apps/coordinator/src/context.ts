import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
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

/** More than any sweep may have characters, each of up to four bytes. */
const mostBytes = 4 * 1024 * 1024;

/** A file's text, which may come through a pipe. Throws InvalidArgument when it cannot be read or does not end soon. */
export async function readInput(file: string): Promise<string> {
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of createReadStream(file) as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > mostBytes) throw new InvalidArgument(`${file} must have at most ${mostBytes} bytes`);
      parts.push(part);
    }
    return Buffer.concat(parts).toString("utf8");
  } catch (error) {
    if (error instanceof InvalidArgument) throw error;
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

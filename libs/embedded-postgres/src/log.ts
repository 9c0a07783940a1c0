import { type FileHandle, open, readFile, stat, truncate } from "node:fs/promises";
import type { ServerUser } from "./server-user.js";

const keptBytes = 16 * 1024 * 1024;

/** The server's log of one start. */
export interface Log {
  readonly file: FileHandle;
  /** The last lines written since it was opened. */
  tail(): Promise<string>;
}

/** Opens the log for appending, emptied once it is large. */
export async function openLog(path: string, user: ServerUser | undefined): Promise<Log> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > keptBytes) await truncate(path);
  const start = size > keptBytes ? 0 : size;
  const file = await open(path, "a", 0o600);
  if (user !== undefined) await file.chown(user.uid, user.gid);
  const tail = async () => {
    const written = (await readFile(path)).subarray(start).toString();
    return written.trim().split("\n").slice(-20).join("\n");
  };
  return { file, tail };
}

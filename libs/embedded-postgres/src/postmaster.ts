import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, mayBeServer } from "./process-identity.js";

/** What a running server wrote to its data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** False while it starts, recovers or stops. */
  readonly ready: boolean;
}

/** The server of this data folder if its process lives. The file's lines: pid, folder, start, port, socket, address, memory, state. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid) || !(await mayBeServer(pid))) return undefined;
  return { pid, port: Number(lines[3] ?? ""), ready: lines[7] === "ready" };
}

/**
 * Removes the pid file of a server that is gone while its number now belongs to another program, as after a restart of
 * a container: PostgreSQL itself would refuse to start. It is kept whenever that is not certain.
 */
export async function removeStalePidFile(data: string): Promise<void> {
  const file = join(data, "postmaster.pid");
  const pid = Number((await readFile(file, "utf8").catch(() => "")).split("\n")[0]);
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && !(await mayBeServer(pid))) await rm(file, { force: true });
}

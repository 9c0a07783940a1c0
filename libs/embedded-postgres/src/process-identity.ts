import { readFile } from "node:fs/promises";
import { errorCode } from "./errors.js";

/** Whether a process of this number exists (it may be another user's, a later one with the same number, or a zombie). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === "EPERM";
  }
}

/**
 * `pid` and, where the system tells it (Linux), the tick since boot at which the process began: together they name one
 * process for ever, although numbers are given again. Empty when there is no such process.
 */
export async function processIdentity(pid: number): Promise<string> {
  return isAlive(pid) ? `${pid}-${(await statFields(pid))[19] ?? ""}` : "";
}

/** False only when the process is certainly no PostgreSQL server: another program, or one that ended and was not reaped. */
export async function mayBeServer(pid: number): Promise<boolean> {
  if ((await statFields(pid))[0] === "Z") return false;
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  const program = command.split("\0")[0] ?? "";
  return program === "" || /(^|\/)postgres$/.test(program);
}

/** The fields of /proc/PID/stat after the command's name, which is in parentheses and may hold spaces; none elsewhere. */
async function statFields(pid: number): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

import { readFileSync } from "node:fs";

/** Processes that the kernel has killed for want of memory since the machine started; undefined where nobody counts. */
export function oomKills(read = () => readFileSync("/proc/vmstat", "utf8")): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(read())?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}

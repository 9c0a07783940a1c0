import type { WorkerLog } from "../src/worker-log.js";

/** A log whose lines stay in memory. */
export function memoryLog(): WorkerLog & { readonly lines: readonly object[] } {
  const lines: object[] = [];
  return {
    lines,
    info: (fields, message) => lines.push({ level: "info", message, ...fields }),
    warn: (fields, message) => lines.push({ level: "warn", message, ...fields }),
  };
}

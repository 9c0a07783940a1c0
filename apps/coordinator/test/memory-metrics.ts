import type { Metrics } from "@stride/telemetry";
import type { Fields, Log } from "../src/observability/log.js";

/** Metrics that remember what they were told. */
export function memoryMetrics(): Metrics & { readonly told: readonly string[] } {
  const told: string[] = [];
  return {
    told,
    call: ({ method, code }) => void told.push(`call ${method} ${code}`),
    refused: (reason) => void told.push(`refused ${reason}`),
    steps: (count) => void told.push(`steps ${count}`),
    exposition: async () => ({ contentType: "", body: "" }),
  };
}

/** A log whose lines stay in memory. */
export function memoryLog(): Log & { readonly lines: readonly Fields[] } {
  const lines: Fields[] = [];
  const at = (level: string) => (fields: Fields, message: string) => void lines.push({ level, message, ...fields });
  return { lines, error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug"), say: at("say") };
}

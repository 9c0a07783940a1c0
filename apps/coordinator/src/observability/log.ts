import { traceIds } from "@stride/telemetry";
import type { ObservabilitySettings } from "./settings.js";

/** What a line of the log is about: `study`, `cohort`, `attempt` and so on. Never a secret. */
export type Fields = Readonly<Record<string, unknown>>;

/** The coordinator's log. */
export interface Log {
  error(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  debug(fields: Fields, message: string): void;
  /** What whoever started it by hand wants to read, whatever the level. */
  say(fields: Fields, message: string): void;
}

export type LogOptions = Pick<ObservabilitySettings, "logFormat" | "logLevel">;

const levels = ["silent", "error", "warn", "info", "debug"] as const;

/** A log on standard error: one JSON object a line, with the active trace's ids; or, as text, plain lines for a terminal. */
export async function createLog({ logFormat, logLevel }: LogOptions): Promise<Log> {
  if (logFormat === "text") return textLog(logLevel, (line) => console.error(line));
  const { pino } = await import("pino");
  const log = pino(
    { level: logLevel, base: { service: "stride-coordinator", pid: process.pid }, mixin: traceIds },
    pino.destination({ dest: 2, sync: true }),
  );
  return {
    error: (fields, message) => log.error(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    info: (fields, message) => log.info(fields, message),
    debug: (fields, message) => log.debug(fields, message),
    say: (fields, message) => log.info(fields, message),
  };
}

/** Lines for people: `coordinator: MESSAGE (name value, …)`. */
export function textLog(level: LogOptions["logLevel"], write: (line: string) => void): Log {
  const at = (own: LogOptions["logLevel"]) => (fields: Fields, message: string) => {
    if (levels.indexOf(own) > levels.indexOf(level)) return;
    const parts = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
    write(`coordinator: ${message}${parts.length === 0 ? "" : ` (${parts.join(", ")})`}`);
  };
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    say: (_fields, message) => write(message),
  };
}

import { InvalidArgument } from "@stride/experiment";
import { wantsTraces } from "@stride/telemetry";
import { z } from "zod";

const logFormats = ["text", "json"] as const;
export const logLevels = ["silent", "error", "warn", "info", "debug"] as const;

const observabilitySchema = z.object({
  STRIDE_LOG_FORMAT: z.enum(logFormats, `must be one of ${logFormats.join(", ")}`).default("text"),
  STRIDE_LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).optional(),
});

/** What the coordinator logs and traces. */
export interface ObservabilitySettings {
  readonly logFormat: (typeof logFormats)[number];
  /** Of the coordinator's log: `info` as JSON, `warn` as text when it is not set. */
  readonly logLevel: (typeof logLevels)[number];
  /** Whether spans are exported. */
  readonly traced: boolean;
}

/** Reads the environment, where an empty variable counts as not set; throws InvalidArgument naming the variable. */
export function parseObservability(environment: Readonly<Record<string, string | undefined>>): ObservabilitySettings {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = observabilitySchema.safeParse(present);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => {
      const name = path.join(".");
      return `environment variable ${name} ${message}, got ${JSON.stringify(present[name])}`;
    });
    throw new InvalidArgument(lines.join("\n"));
  }
  const values = parsed.data;
  return {
    logFormat: values.STRIDE_LOG_FORMAT,
    logLevel: values.STRIDE_LOG_LEVEL ?? (values.STRIDE_LOG_FORMAT === "json" ? "info" : "warn"),
    traced: wantsTraces(environment),
  };
}

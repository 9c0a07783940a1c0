import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { InvalidArgument } from "@stride/experiment";
import { type ClientSecuritySettings, clientSecurityOf } from "@stride/worker/launch";
import { z } from "zod";
import { type ObservabilitySettings, parseObservability } from "./observability/settings.js";
import { type ServerSecuritySettings, securityVariables, serverSecurityOf } from "./security-settings.js";

const settingsSchema = z.object({
  /** Folder of the embedded database, the logs and the connection file. */
  STRIDE_HOME: z.string().min(1).default(".stride"),
  STRIDE_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "must start with postgres:// or postgresql://")
    .optional(),
  STRIDE_REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, "must start with redis:// or rediss://")
    .optional(),
  /** A coordinator to talk to over gRPC instead of opening the database. */
  STRIDE_COORDINATOR: z
    .string()
    .regex(/^.+:\d+$/, "must be host:port")
    .optional(),
  STRIDE_TOKEN: z.string().min(1).optional(),
  ...securityVariables,
  /** 0: no user's module is run or taken (docs/operating.md). */
  STRIDE_ALLOW_MODULES: z.enum(["0", "1"], "must be 0 or 1").default("1"),
  /** 0: a database that is not up to date is refused, not migrated. */
  STRIDE_MIGRATE: z.enum(["0", "1"], "must be 0 or 1").default("1"),
  STRIDE_LEASE_MS: z.coerce
    .number()
    .int()
    .min(500)
    .max(3_600_000)
    .default(30_000)
    .catch(({ value }) => {
      throw new InvalidArgument(
        `environment variable STRIDE_LEASE_MS must be a whole number of milliseconds from 500 to 3600000, got "${value}"`,
      );
    }),
});

export interface Settings {
  readonly observability: ObservabilitySettings;
  readonly home: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly coordinator: string | undefined;
  readonly token: string | undefined;
  readonly serverSecurity: ServerSecuritySettings;
  readonly clientSecurity: ClientSecuritySettings;
  /** Whether sweeps may bring modules of their own. */
  readonly allowModules: boolean;
  /** Whether opening the database brings its tables up to date. */
  readonly migrate: boolean;
  /** How long a silent worker keeps its cohort, in milliseconds. */
  readonly leaseMs: number;
}

/** Reads the environment; throws InvalidArgument naming the variable, never its value (it may hold a password). */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = settingsSchema.safeParse(present);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `environment variable ${issue.path.join(".")} ${issue.message}`);
    throw new InvalidArgument(lines.join("\n"));
  }
  const values = parsed.data;
  return {
    observability: parseObservability(environment),
    home: resolve(values.STRIDE_HOME),
    databaseUrl: values.STRIDE_DATABASE_URL,
    redisUrl: values.STRIDE_REDIS_URL,
    coordinator: values.STRIDE_COORDINATOR,
    token: values.STRIDE_TOKEN,
    serverSecurity: serverSecurityOf(values),
    clientSecurity: clientSecurityOf(values),
    allowModules: values.STRIDE_ALLOW_MODULES === "1",
    migrate: values.STRIDE_MIGRATE === "1",
    leaseMs: values.STRIDE_LEASE_MS,
  };
}

/** The embedded database's folder. */
export function postgresFolder(settings: Settings): string {
  return join(settings.home, "postgres");
}

/** A token for a coordinator that serves this machine alone. */
export function randomToken(): string {
  return randomBytes(24).toString("base64url");
}

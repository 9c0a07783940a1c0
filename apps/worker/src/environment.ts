import { type ExecutorName, executorNames } from "@stride/compile/spec";
import { z } from "zod";
import { type ClientSecuritySettings, clientSecurityOf } from "./client-security.js";

const logLevels = ["silent", "error", "warn", "info", "debug"] as const;

/**
 * A worker's whole configuration, read from the environment and never from the command line, so that no secret shows in a
 * process list. `stride worker` fills it in.
 */
const environmentSchema = z.object({
  /** The coordinator's gRPC address, `host:port`. */
  STRIDE_COORDINATOR: text("host:port or [IPv6]:port, with a port up to 65535", isHostAndPort),
  /** Bearer token for the coordinator; none on an open loopback coordinator. */
  STRIDE_TOKEN: text("1 to 1024 visible ASCII characters without spaces", isToken).optional(),
  /** A file that holds the token, looked at before each call. */
  STRIDE_TOKEN_FILE: path().optional(),
  /** 1: TLS, with the authorities that the system trusts unless one of the next two says otherwise. */
  STRIDE_TLS: oneOf(["0", "1"]).optional(),
  STRIDE_TLS_CA_FILE: path().optional(),
  /** The coordinator's very certificate, instead of an authority. */
  STRIDE_TLS_PIN_FILE: path().optional(),
  STRIDE_TLS_CLIENT_CERT_FILE: path().optional(),
  STRIDE_TLS_CLIENT_KEY_FILE: path().optional(),
  /** The name that the coordinator's certificate is for, when it is not the host's. */
  STRIDE_TLS_SERVER_NAME: text("a host's name or IP address", (name) =>
    /^[A-Za-z0-9.:-]{1,253}$/.test(name),
  ).optional(),
  /** The queue: redis://, rediss:// or postgres://. */
  STRIDE_QUEUE_URL: text("a URL that starts with redis://, rediss://, postgres:// or postgresql://", isQueueUrl),
  STRIDE_EXECUTOR: oneOf(executorNames).default("onnx-cpu"),
  /** Cohorts trained at the same time, one child process each. */
  STRIDE_SLOTS: wholeNumber({ min: 1, max: 256 }).default(1),
  /** Threads of one training process. */
  STRIDE_THREADS: wholeNumber({ min: 1, max: 256 }).default(1),
  /** How long a silent worker keeps its cohort before another may take it, in milliseconds. */
  STRIDE_LEASE_MS: wholeNumber({ min: 500, max: 3_600_000 }).default(30_000),
  /** On SIGTERM: seconds to go on with what is in hand before it is handed back. */
  STRIDE_DRAIN_SECONDS: wholeNumber({ min: 0, max: 86_400 }).default(0),
  STRIDE_WORKER_ID: text("at most 200 characters", ({ length }) => length <= 200).optional(),
  /** Where probes ask (gRPC health in plain text), `host:port`; nowhere when not set. */
  STRIDE_HEALTH_LISTEN: text("host:port or [IPv6]:port, with a port up to 65535", isHostAndPort).optional(),
  STRIDE_LOG_LEVEL: oneOf(logLevels).default("info"),
  /** Memory of the device that this worker may use, in MiB; left out: 0.9 of what the device has, where that is known. */
  STRIDE_DEVICE_MEMORY_MB: wholeNumber({ min: 1, max: 100_000_000 }).optional(),
  /** 0: cohorts that carry users' modules are refused. */
  STRIDE_ALLOW_MODULES: oneOf(["0", "1"]).default("1"),
});

/** Variables whose values are never repeated. */
const secrets: readonly string[] = [
  "STRIDE_TOKEN",
  "STRIDE_QUEUE_URL",
] satisfies (keyof typeof environmentSchema.shape)[];

export interface WorkerEnvironment {
  readonly coordinator: string;
  readonly token: string | undefined;
  readonly security: ClientSecuritySettings;
  readonly queueUrl: string;
  readonly executor: ExecutorName;
  readonly slots: number;
  readonly threads: number;
  readonly leaseMs: number;
  readonly drainSeconds: number;
  readonly workerId: string | undefined;
  readonly healthListen: string | undefined;
  readonly logLevel: (typeof logLevels)[number];
  readonly allowModules: boolean;
  readonly deviceMemoryMb: number | undefined;
}

/** Thrown when the environment cannot be used; names each variable, what it must be and what came, never a secret's value. */
export class InvalidEnvironment extends Error {
  override readonly name = "InvalidEnvironment";
}

/** Parses a worker's environment; an empty variable counts as not set. Throws InvalidEnvironment, whose message is one line. */
export function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): WorkerEnvironment {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(present);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const name = path.join(".");
      return `${name} must be ${message}, ${whatCame(name, present[name])}`;
    });
    throw new InvalidEnvironment(`the environment cannot be used: ${problems.join("; ")}`);
  }
  const values = parsed.data;
  return {
    coordinator: values.STRIDE_COORDINATOR,
    token: values.STRIDE_TOKEN,
    security: clientSecurityOf(values),
    queueUrl: values.STRIDE_QUEUE_URL,
    executor: values.STRIDE_EXECUTOR,
    slots: values.STRIDE_SLOTS,
    threads: values.STRIDE_THREADS,
    leaseMs: values.STRIDE_LEASE_MS,
    drainSeconds: values.STRIDE_DRAIN_SECONDS,
    workerId: values.STRIDE_WORKER_ID,
    healthListen: values.STRIDE_HEALTH_LISTEN,
    logLevel: values.STRIDE_LOG_LEVEL,
    allowModules: values.STRIDE_ALLOW_MODULES === "1",
    deviceMemoryMb: values.STRIDE_DEVICE_MEMORY_MB,
  };
}

function whatCame(name: string, value: string | undefined): string {
  if (value === undefined) return "and is not set";
  if (secrets.includes(name)) return "got something else (not shown: it is secret)";
  return value.length > 200 ? `got ${value.length} characters` : `got ${JSON.stringify(value)}`;
}

/** `allowed` completes "must be …", also when there is no value. */
function text(allowed: string, fits: (value: string) => boolean) {
  return z.string({ error: allowed }).refine(fits, { error: allowed });
}

function path() {
  return text("a file's path", (value) => !value.includes("\0"));
}

function wholeNumber({ min, max }: { readonly min: number; readonly max: number }) {
  const fits = (value: string) => /^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max;
  return text(`a whole number from ${min} to ${max}`, fits).transform(Number);
}

function oneOf<const Name extends string>(names: readonly Name[]) {
  return z.enum(names, { error: `one of ${names.join(", ")}` });
}

function isHostAndPort(value: string): boolean {
  const port = /^(?:\[[^\]]+\]|[^:/[\]\s]+):(\d{1,5})$/.exec(value)?.[1];
  return port !== undefined && Number(port) <= 65_535;
}

/** What an HTTP header can carry. */
function isToken(value: string): boolean {
  return /^[\x21-\x7e]{1,1024}$/.test(value);
}

function isQueueUrl(value: string): boolean {
  return URL.canParse(value) && /^(rediss?|postgres(ql)?):$/.test(new URL(value).protocol) && value.includes("://");
}

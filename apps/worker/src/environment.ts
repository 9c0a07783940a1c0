import { type ExecutorName, executorNames } from "@stride/compile/spec";
import { z } from "zod";

/**
 * A worker's whole configuration, read from the environment and never from the command line, so that no secret shows in a
 * process list. `stride worker` fills it in.
 */
const environmentSchema = z.object({
  /** The coordinator's gRPC address, `host:port`. */
  STRIDE_COORDINATOR: z.string().regex(/^.+:\d+$/, "must be host:port"),
  /** Bearer token for the coordinator; none on an open loopback coordinator. */
  STRIDE_TOKEN: z.string().min(1).optional(),
  /** The queue: redis://, rediss:// or postgres://. */
  STRIDE_QUEUE_URL: z
    .string()
    .regex(/^(rediss?|postgres(ql)?):\/\//, "must start with redis://, rediss:// or postgres://"),
  STRIDE_EXECUTOR: z.enum(executorNames).default("onnx-cpu"),
  /** Cohorts trained at the same time, one child process each. */
  STRIDE_SLOTS: z.coerce.number().int().min(1).max(256).default(1),
  /** Threads of one training process. */
  STRIDE_THREADS: z.coerce.number().int().min(1).max(256).default(1),
  /** How long a silent worker keeps its cohort before another may take it, in milliseconds. */
  STRIDE_LEASE_MS: z.coerce.number().int().min(500).max(3_600_000).default(30_000),
  STRIDE_WORKER_ID: z.string().min(1).max(200).optional(),
  STRIDE_LOG_LEVEL: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
});

export interface WorkerEnvironment {
  readonly coordinator: string;
  readonly token: string | undefined;
  readonly queueUrl: string;
  readonly executor: ExecutorName;
  readonly slots: number;
  readonly threads: number;
  readonly leaseMs: number;
  readonly workerId: string | undefined;
  readonly logLevel: string;
}

/** Thrown when the environment cannot be used; names the variable and what it must be, never a secret's value. */
export class InvalidEnvironment extends Error {
  override readonly name = "InvalidEnvironment";
}

/** Parses a worker's environment. Throws InvalidEnvironment. */
export function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): WorkerEnvironment {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new InvalidEnvironment(`the worker's environment cannot be used\n  ${lines.join("\n  ")}`);
  }
  const values = parsed.data;
  return {
    coordinator: values.STRIDE_COORDINATOR,
    token: values.STRIDE_TOKEN,
    queueUrl: values.STRIDE_QUEUE_URL,
    executor: values.STRIDE_EXECUTOR,
    slots: values.STRIDE_SLOTS,
    threads: values.STRIDE_THREADS,
    leaseMs: values.STRIDE_LEASE_MS,
    workerId: values.STRIDE_WORKER_ID,
    logLevel: values.STRIDE_LOG_LEVEL,
  };
}

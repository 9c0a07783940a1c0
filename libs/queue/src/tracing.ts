import { context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import type { JobsOptions } from "bullmq";

/**
 * The active trace as a job carries it: BullMQ's own field and bullmq-otel's format, so that other consumers understand it. Nothing
 * where nothing is traced. BullMQ's telemetry itself is left off: its spans are of polls and locks, and it gives all jobs of one call one trace.
 */
export function activeTrace(): Pick<JobsOptions, "telemetry"> {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return Object.keys(carrier).length === 0 ? {} : { telemetry: { metadata: JSON.stringify(carrier) } };
}

/** Runs work in the trace that its job carries; in none where it carries none that can be read. */
export function inTraceOf<Result>(options: Partial<JobsOptions> | undefined, work: () => Result): Result {
  const metadata = options?.telemetry?.metadata;
  return metadata === undefined ? work() : context.with(propagation.extract(ROOT_CONTEXT, carrierOf(metadata)), work);
}

function carrierOf(metadata: string): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(metadata);
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    return {};
  }
}

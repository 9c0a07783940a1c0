import type { Metadata } from "@grpc/grpc-js";
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from "@opentelemetry/api";

/** Writes the active trace (W3C `traceparent`) into a call's metadata; nothing where nothing is traced. */
export function injectTrace(metadata: Metadata): void {
  propagation.inject(context.active(), metadata, { set: (into, key, value) => into.set(key, value) });
}

const fromMetadata: TextMapGetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get: (metadata, key) => metadata.get(key).map(String),
};

/** What a handler knows of its call. */
export interface TracedCall {
  readonly metadata: Metadata;
  /** `/package.Service/Method`. */
  getPath(): string;
}

/**
 * Runs a handler inside a span that continues the caller's trace. A caller that sends none is not traced: polls and heartbeats of
 * processes without tracing would each begin a trace of one span.
 */
export function inServerSpan<Result>(call: TracedCall, work: () => Promise<Result>): Promise<Result> {
  const parent = propagation.extract(ROOT_CONTEXT, call.metadata, fromMetadata);
  if (trace.getSpanContext(parent) === undefined) return work();
  const [service = "", method = ""] = call.getPath().slice(1).split("/");
  const attributes = { "rpc.system": "grpc", "rpc.service": service, "rpc.method": method };
  const span = trace
    .getTracer("stride")
    .startSpan(`${service}/${method}`, { kind: SpanKind.SERVER, attributes }, parent);
  return context.with(trace.setSpan(parent, span), async () => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}

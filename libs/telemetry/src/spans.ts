import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";

export interface SpanOptions {
  /** What the work is on the way of a message; `internal` when left out. */
  readonly kind?: "internal" | "producer" | "consumer" | "client";
  readonly attributes?: Attributes;
  /** W3C `traceparent` of the span that this one follows; the active span when left out. */
  readonly parent?: string | undefined;
}

/** The span of the work that runs. */
export interface ActiveSpan {
  set(attributes: Attributes): void;
  /** Marks the work as failed though it did not throw. */
  fail(message: string): void;
}

const kinds = {
  internal: SpanKind.INTERNAL,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
} as const;

/** Runs the work inside a span, which ends with it; what it throws is the span's error, and goes on. */
export function inSpan<Result>(
  name: string,
  { kind = "internal", attributes = {}, parent }: SpanOptions,
  work: (span: ActiveSpan) => Promise<Result>,
): Promise<Result> {
  const before = parent === undefined ? context.active() : contextOf(parent);
  const span = trace.getTracer("stride").startSpan(name, { kind: kinds[kind], attributes }, before);
  return context.with(trace.setSpan(before, span), async () => {
    try {
      return await work(activeSpan(span));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      throw error;
    } finally {
      span.end();
    }
  });
}

function activeSpan(span: Span): ActiveSpan {
  return {
    set: (attributes) => void span.setAttributes(attributes),
    fail: (message) => void span.setStatus({ code: SpanStatusCode.ERROR, message }),
  };
}

function contextOf(traceParent: string): Context {
  return propagation.extract(ROOT_CONTEXT, { traceparent: traceParent });
}

/** W3C `traceparent` of the active span, to be kept until its work goes on; undefined where nothing is traced. */
export function currentTraceParent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** What a log line says of the active span; nothing where nothing is traced. */
export function traceIds(): { readonly trace_id?: string; readonly span_id?: string } {
  const span = trace.getSpanContext(context.active());
  return span === undefined || !trace.isSpanContextValid(span) ? {} : { trace_id: span.traceId, span_id: span.spanId };
}

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export { type Family, parseExposition, type Sample } from "./testing/exposition.js";

/** A span as it was exported. */
export interface ExportedSpan {
  readonly service: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: { readonly code?: number; readonly message?: string };
}

/** An OTLP/HTTP collector of one test. */
export interface Collector extends AsyncDisposable {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: readonly ExportedSpan[];
  /** Of every export, in order. */
  readonly headers: readonly NodeJS.Dict<string | string[]>[];
}

export async function startCollector(host = "127.0.0.1"): Promise<Collector> {
  const spans: ExportedSpan[] = [];
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      headers.push({ ...request.headers, path: request.url });
      spans.push(...spansOf(JSON.parse(Buffer.concat(parts).toString("utf8")) as Export));
      response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    })();
  });
  server.listen({ host, port: 0 });
  await once(server, "listening");
  return {
    endpoint: `http://${host}:${(server.address() as AddressInfo).port}`,
    spans,
    headers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ExportedSpan, "service" | "attributes"> & {
        readonly attributes?: readonly KeyValue[];
      })[];
    }[];
  }[];
}

function spansOf({ resourceSpans }: Export): ExportedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        service: String(record(resource.attributes)["service.name"]),
        parentSpanId: span.parentSpanId ?? "",
        status: span.status ?? {},
        attributes: record(span.attributes ?? []),
      })),
    ),
  );
}

const record = (pairs: readonly KeyValue[]) =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, Object.values(value)[0]]));

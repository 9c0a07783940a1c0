import { context, propagation, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeEach, expect, it } from "vitest";
import { createLaboratoryClient } from "../src/index.js";
import { memoryLaboratory } from "./memory-laboratory.js";
import { impatient, serving, start } from "./serving.js";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
beforeEach(() => exporter.reset());
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
});

const spans = () => exporter.getFinishedSpans();
const named = (name: string): ReadableSpan => {
  const found = spans().find((span) => span.name === name);
  if (found === undefined) throw new Error(`no span ${name}`);
  return found;
};
/** Runs the work inside a span of this name. */
const within = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  trace.getTracer("test").startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });

it("a call goes on in its caller's trace, and so does what its handler does", async () => {
  let seen: string | undefined;
  const laboratory = {
    ...memoryLaboratory(),
    studies: async () => {
      seen = trace.getActiveSpan()?.spanContext().spanId;
      return [];
    },
  };
  await using server = await serving({ laboratory });
  await using client = createLaboratoryClient({ address: server.address });
  await within("caller", () => client.studies());
  const caller = named("caller").spanContext();
  const handler = named("stride.v1.LaboratoryService/ListStudies");
  expect(handler.spanContext().traceId).toBe(caller.traceId);
  expect(handler.parentSpanContext?.spanId).toBe(caller.spanId);
  expect(handler.kind).toBe(1);
  expect(handler.attributes).toMatchObject({
    "rpc.service": "stride.v1.LaboratoryService",
    "rpc.method": "ListStudies",
  });
  expect(seen).toBe(handler.spanContext().spanId);
});

it("a handler that fails leaves a span that failed", async () => {
  const broken = async () => {
    throw new Error("boom");
  };
  await using server = await serving({ laboratory: { ...memoryLaboratory(), diagnose: broken } });
  await using client = createLaboratoryClient({ address: server.address });
  await expect(within("caller", () => client.diagnose())).rejects.toThrow("failed");
  expect(named("stride.v1.LaboratoryService/Diagnose").status).toEqual({ code: 2, message: "boom" });
});

it("calls of callers without a trace begin none", async () => {
  await using server = await serving();
  await using client = impatient(server.address);
  await client.startAttempt(start);
  expect(spans()).toEqual([]);
});

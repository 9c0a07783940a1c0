import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { currentTraceParent, inSpan, startTracing, traceIds, wantsTraces } from "./index.js";
import { type Collector, type ExportedSpan, startCollector } from "./testing.js";

const variables = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_RESOURCE_ATTRIBUTES",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
  "OTEL_SERVICE_NAME",
];
afterEach(() => {
  for (const name of variables) delete process.env[name];
});

/** Runs the work with tracing on; the SDK reads the process's own environment. */
async function traced(environment: Readonly<Record<string, string>>, work: () => Promise<unknown>): Promise<Collector> {
  const collector = await startCollector();
  Object.assign(process.env, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...environment });
  await using tracing = await startTracing({ service: "stride-test", version: "0.1.0", environment: process.env });
  expect(tracing.enabled).toBe(true);
  await work();
  return collector;
}
const named = (spans: readonly ExportedSpan[], name: string) => spans.find((span) => span.name === name);

describe("whether there are traces", () => {
  const endpoint = "http://127.0.0.1:4318";
  it.each([
    { environment: {}, wanted: false },
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "" }, wanted: false },
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, wanted: true },
    { environment: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint }, wanted: true },
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "true" }, wanted: false },
    { environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: "none" }, wanted: false },
  ])("is $wanted for $environment", ({ environment, wanted }) => {
    expect(wantsTraces(environment)).toBe(wanted);
  });
});

describe("without an endpoint", () => {
  it("work runs in no trace, and nothing is told", async () => {
    await using tracing = await startTracing({ service: "stride", version: "0", environment: {} });
    expect(tracing.enabled).toBe(false);
    const seen = await inSpan("work", {}, async (span) => {
      span.set({ key: 1 });
      span.fail("no matter");
      return [currentTraceParent(), traceIds()];
    });
    expect(seen).toEqual([undefined, {}]);
  });
});

describe("with an endpoint", () => {
  it("spans are exported when tracing ends, with their parents, kinds and attributes", async () => {
    await using collector = await traced({}, () =>
      inSpan("outer", { kind: "producer", attributes: { "stride.study": "s" } }, () =>
        inSpan("inner", {}, async (span) => span.set({ late: 3 })),
      ),
    );
    const [outer, inner] = [named(collector.spans, "outer"), named(collector.spans, "inner")];
    expect(outer).toMatchObject({
      service: "stride-test",
      kind: 4,
      parentSpanId: "",
      attributes: { "stride.study": "s" },
    });
    expect(inner).toMatchObject({
      traceId: outer?.traceId,
      parentSpanId: outer?.spanId,
      kind: 1,
      attributes: { late: 3 },
    });
    expect(outer?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(collector.headers[0]).toMatchObject({ path: "/v1/traces", "content-type": "application/json" });
  });

  it("a kept traceparent goes on in the same trace, later and elsewhere", async () => {
    let kept: string | undefined;
    let ids: object = {};
    await using collector = await traced({}, async () => {
      await inSpan("before", {}, async () => {
        kept = currentTraceParent();
      });
      await inSpan("after", { kind: "consumer", parent: kept }, async () => {
        ids = traceIds();
      });
    });
    const [before, after] = [named(collector.spans, "before"), named(collector.spans, "after")];
    expect(kept).toBe(`00-${before?.traceId}-${before?.spanId}-01`);
    expect(after).toMatchObject({ traceId: before?.traceId, parentSpanId: before?.spanId, kind: 5 });
    expect(ids).toEqual({ trace_id: after?.traceId, span_id: after?.spanId });
  });

  it("a broken traceparent begins a trace of its own", async () => {
    await using collector = await traced({}, () => inSpan("alone", { parent: "00-zz-1" }, async () => undefined));
    expect(named(collector.spans, "alone")?.parentSpanId).toBe("");
  });

  it("what throws, and what fails without throwing, has the status of an error", async () => {
    await using collector = await traced({}, async () => {
      const boom = inSpan("thrown", {}, async () => {
        throw new Error("boom");
      });
      await expect(boom).rejects.toThrow("boom");
      await inSpan("failed", {}, async (span) => span.fail("out of memory"));
      await inSpan("fine", {}, async () => undefined);
    });
    expect(named(collector.spans, "thrown")?.status).toEqual({ code: 2, message: "boom" });
    expect(named(collector.spans, "failed")?.status).toEqual({ code: 2, message: "out of memory" });
    expect(named(collector.spans, "fine")?.status.code ?? 0).toBe(0);
  });

  it("the other standard variables hold", async () => {
    const environment = {
      OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=lab",
      OTEL_SERVICE_NAME: "renamed",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
    };
    await using collector = await traced(environment, () => inSpan("one", {}, async () => undefined));
    expect(collector.headers[0]).toMatchObject({ "x-tenant": "lab" });
    expect(collector.spans[0]?.service).toBe("renamed");
    await using unsampled = await traced({ OTEL_TRACES_SAMPLER: "always_off" }, () =>
      inSpan("one", {}, async () => undefined),
    );
    expect(unsampled.spans).toEqual([]);
  });

  it("a collector that is away is told of, without its password, and holds nobody up for long", async () => {
    const problems: string[] = [];
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = "http://user:hunter2@127.0.0.1:9";
    {
      await using _ = await startTracing({
        service: "stride-test",
        version: "0",
        environment: process.env,
        onProblem: (problem) => problems.push(problem),
      });
      await inSpan("lost", {}, async () => undefined);
    }
    expect(problems.join()).toMatch(/^traces: /);
    expect(problems.join()).not.toContain("hunter2");
  });
});

it("without an endpoint neither OpenTelemetry's SDK nor the metrics' library is loaded", async () => {
  const script = `
    import { createRequire } from "node:module";
    import { inSpan, startTracing } from ${JSON.stringify(new URL("../dist/index.js", import.meta.url).href)};
    await startTracing({ service: "s", version: "0", environment: {} });
    await inSpan("work", {}, async () => {});
    const loaded = Object.keys(createRequire(process.execPath).cache);
    console.log(JSON.stringify(["/api/", "/sdk-trace", "/exporter-trace", "/prom-client/"].map((part) => loaded.some((file) => file.includes(part)))));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  expect(JSON.parse(stdout)).toEqual([true, false, false, false]);
});

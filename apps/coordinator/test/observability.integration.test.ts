import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort, noRedis, startRedis } from "@stride/queue/testing";
import { type Collector, type ExportedSpan, parseExposition, startCollector } from "@stride/telemetry/testing";
import { describe, expect, it } from "vitest";
import { type Running, type StrideHome, strideHome, until } from "./stride.js";

const token = "a-token-of-this-test";
const sweep = `study: watched
tasks: [{ kind: quadratic, conditionNumber: 100 }]
optimizers: [{ kind: sgd }]
schedules: [{ kind: constant }, { kind: cosine }]
learningRates: [0.01, 1000000]
seeds: { tuning: 2, report: 2 }
steps: 60
`;
const probeScript = fileURLToPath(new URL("../../../libs/rpc/dist/probe.js", import.meta.url));
const probe = (port: number, service: string): Promise<boolean> =>
  new Promise((resolve) =>
    execFile(process.execPath, [probeScript, `127.0.0.1:${port}`, service], (error) => resolve(error === null)),
  );

/** The JSON lines of a process that logs so. */
const linesOf = ({ said }: Running): Record<string, unknown>[] =>
  said()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

interface Installation extends AsyncDisposable {
  readonly stride: StrideHome;
  readonly up: Running;
  readonly worker: Running;
  readonly ports: {
    readonly grpc: number;
    readonly http: number;
    readonly health: number;
    readonly workerHealth: number;
  };
  page(path: string, headers?: Record<string, string>): Promise<Response>;
}

/** A coordinator and a worker that may be watched in every way, with the queue at this URL, or in the results database. */
async function installed(variables: Readonly<Record<string, string>>): Promise<Installation> {
  const ports = {
    grpc: await freePort(),
    http: await freePort(),
    health: await freePort(),
    workerHealth: await freePort(),
  };
  const stride = await strideHome({
    STRIDE_TOKEN: token,
    STRIDE_LOG_FORMAT: "json",
    STRIDE_COORDINATOR: `127.0.0.1:${ports.grpc}`,
    OTEL_BSP_SCHEDULE_DELAY: "200",
    ...variables,
  });
  const up = stride.start(
    ...["up", "--listen", `127.0.0.1:${ports.grpc}`, "--http", `127.0.0.1:${ports.http}`],
    ...["--health", `127.0.0.1:${ports.health}`],
  );
  await up.says("coordinator on");
  // The worker finds the coordinator by its address here, and so must be told of the queue.
  const onPostgres = variables.STRIDE_REDIS_URL === undefined;
  const queue = onPostgres ? { STRIDE_DATABASE_URL: (await stride.run("db", "url")).stdout.trim() } : {};
  const worker = stride.startWith(queue, "worker", "--health", `127.0.0.1:${ports.workerHealth}`);
  await worker.says("worker ready");
  return {
    stride,
    up,
    worker,
    ports,
    page: (path, headers = { Authorization: `Bearer ${token}` }) =>
      fetch(`http://127.0.0.1:${ports.http}${path}`, { headers }),
    [Symbol.asyncDispose]: () => stride[Symbol.asyncDispose](),
  };
}

/** The span that has no parent here, and all that follow from it. */
function traceOf(spans: readonly ExportedSpan[], root: ExportedSpan): readonly ExportedSpan[] {
  return spans.filter(({ traceId }) => traceId === root.traceId);
}
const parentOf = (spans: readonly ExportedSpan[], { parentSpanId }: ExportedSpan): ExportedSpan | undefined =>
  spans.find(({ spanId }) => spanId === parentSpanId);

async function checkTrace({ spans }: Collector): Promise<ExportedSpan> {
  const wanted = (name: string) => spans.filter((span) => span.name === name);
  await until(async () => wanted("record results").length > 0 && wanted("attempt").length > 0);
  const [submit] = wanted("submit") as [ExportedSpan];
  expect(submit).toMatchObject({ service: "stride", parentSpanId: "", attributes: { "stride.study": "watched" } });
  const trace = traceOf(spans, submit);
  const ancestors = (name: string): string[] => {
    const path: string[] = [];
    for (let span = trace.find((each) => each.name === name); span !== undefined; span = parentOf(trace, span)) {
      path.push(`${span.service} ${span.name}`);
    }
    return path;
  };
  const submitted = ["stride-coordinator stride.v1.LaboratoryService/Submit", "stride submit"];
  const attempted = ["stride-worker attempt", "stride-coordinator deliver", ...submitted];
  expect(ancestors("record results")).toEqual([
    "stride-coordinator record results",
    "stride-coordinator stride.v1.WorkerService/FinishAttempt",
    ...attempted,
  ]);
  expect(ancestors("open attempt")).toEqual([
    "stride-coordinator open attempt",
    "stride-coordinator stride.v1.WorkerService/StartAttempt",
    ...attempted,
  ]);
  expect(trace.find(({ name }) => name === "attempt")?.attributes).toMatchObject({
    "stride.study": "watched",
    "stride.attempt": 1,
    "stride.executor": "onnx-cpu",
    "stride.outcome": "finished",
  });
  return submit;
}

describe("an installation", () => {
  it("with its queue on Postgres tells what it does: one trace, metrics, status, logs, health; and keeps its secrets", async () => {
    await using collector = await startCollector();
    await using lab = await installed({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
    const { stride, up, worker, ports, page } = lab;
    await until(async () => (await probe(ports.health, "readiness")) && (await probe(ports.workerHealth, "readiness")));
    expect(await probe(ports.workerHealth, "liveness")).toBe(true);

    const submitted = await stride.run("submit", await stride.write("sweep.yaml", sweep), "--watch");
    expect(submitted.code).toBe(0);
    const { traceId } = await checkTrace(collector);

    const scraped = await page("/metrics");
    const families = parseExposition(await scraped.text());
    const sample = (name: string, labels: Record<string, string> = {}) =>
      families
        .get(name)
        ?.samples.find((each) => Object.entries(labels).every(([label, value]) => each.labels[label] === value))?.value;
    expect(sample("stride_trials", { study: "watched", outcome: "completed" })).toBe(8);
    expect(sample("stride_trials", { study: "watched", outcome: "diverged" })).toBe(8);
    expect(sample("stride_diverged_trials_total")).toBe(8);
    expect(sample("stride_cohorts_unfinished")).toBe(0);
    expect(sample("stride_attempts_total", { ending: "finished" })).toBeGreaterThanOrEqual(1);
    expect(sample("stride_steps_total")).toBeGreaterThanOrEqual(8 * 60);
    expect(sample("stride_workers", { executor: "onnx-cpu" })).toBe(1);
    expect(
      sample("stride_rpc_calls_total", { method: "stride.v1.WorkerService/FinishAttempt", code: "OK" }),
    ).toBeGreaterThanOrEqual(1);
    expect(sample("stride_database_up")).toBe(1);

    const status = (await (await page("/status.json")).json()) as {
      readonly studies: readonly object[];
      readonly workers: readonly object[];
    };
    expect(status.studies).toMatchObject([{ name: "watched", phase: "done", trials: { completed: 8, diverged: 8 } }]);
    expect(status.workers).toMatchObject([{ executor: "onnx-cpu", state: "working" }]);
    const html = await (await page("/")).text();
    for (const text of ["watched", "100 % of steps", "8 diverged", "onnx-cpu"]) expect(html).toContain(text);

    const basic = `Basic ${Buffer.from(`anybody:${token}`).toString("base64")}`;
    const statuses = await Promise.all([
      page("/", {}),
      page("/metrics", { Authorization: "Bearer wrong" }),
      page("/", { Authorization: basic }),
    ]);
    expect(statuses.map((response) => response.status)).toEqual([401, 401, 200]);
    await using stranger = await strideHome({ STRIDE_COORDINATOR: `127.0.0.1:${ports.grpc}`, STRIDE_TOKEN: "wrong" });
    expect((await stranger.run("status")).code).toBe(2);

    const coordinatorSays = (msg: string) => linesOf(up).filter((line) => line.msg === msg);
    expect(coordinatorSays("study submitted")).toMatchObject([{ study: "watched", added: 16, trace_id: traceId }]);
    expect(coordinatorSays("attempt started")[0]).toMatchObject({
      study: "watched",
      attempt: 1,
      executor: "onnx-cpu",
      trace_id: traceId,
    });
    expect(coordinatorSays("attempt ended")[0]).toMatchObject({
      study: "watched",
      attempt: 1,
      ending: "finished",
      trace_id: traceId,
    });
    expect(coordinatorSays("call refused")[0]).toMatchObject({ reason: "unauthenticated", level: 40 });
    expect(linesOf(worker).find((line) => line.msg === "attempt ended")).toMatchObject({
      study: "watched",
      trace_id: traceId,
    });
    for (const { said } of [up, worker]) expect(said()).not.toContain(token);

    up.process.kill("SIGTERM");
    await up.says("coordinator gone");
    await until(async () => !(await probe(ports.workerHealth, "readiness")));
    expect(await probe(ports.workerHealth, "liveness")).toBe(true);
  }, 180_000);

  it.skipIf(noRedis !== undefined)(
    `with its queue on Redis is one trace, too ${noRedis ?? ""}`,
    async () => {
      await using redis = await startRedis();
      await using collector = await startCollector();
      await using lab = await installed({
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
        STRIDE_REDIS_URL: redis.url,
      });
      const submitted = await lab.stride.run("submit", await lab.stride.write("sweep.yaml", sweep), "--watch");
      expect(submitted.code).toBe(0);
      await checkTrace(collector);
      await redis.kill();
      await until(async () => !(await probe(lab.ports.health, "readiness")));
      expect(await probe(lab.ports.health, "liveness")).toBe(true);
      await redis.restart();
      await until(() => probe(lab.ports.health, "readiness"));
    },
    180_000,
  );
});

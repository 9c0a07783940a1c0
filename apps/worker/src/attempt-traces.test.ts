import { startTracing, traceIds } from "@stride/telemetry";
import { type Collector, startCollector } from "@stride/telemetry/testing";
import { afterEach, expect, it } from "vitest";
import { cohort, failing, finished, openAttempts } from "../test/attempts.js";
import { inFourReports } from "../test/trainers.js";

afterEach(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
});

/** Runs with tracing on; the spans are there once it has ended. */
async function traced(work: () => Promise<unknown>): Promise<Collector> {
  const collector = await startCollector();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.endpoint;
  await using _tracing = await startTracing({ service: "stride-worker", version: "0", environment: process.env });
  await work();
  return collector;
}

it("an attempt is a span that says what it was and how it ended, and its reports are within it", async () => {
  const attempts = await openAttempts();
  let reportedIn: string | undefined;
  await using collector = await traced(async () => {
    const { outcome } = await attempts.run({
      reports: inFourReports,
      reporter: {
        report: async (report) => {
          reportedIn = traceIds().span_id;
          return attempts.store.report(report);
        },
      },
    });
    expect(outcome).toEqual(finished);
  });
  expect(collector.spans).toHaveLength(1);
  expect(collector.spans[0]).toMatchObject({
    name: "attempt",
    kind: 5,
    attributes: {
      "stride.study": "attempts",
      "stride.cohort": cohort.cohortId,
      "stride.attempt": 1,
      "stride.executor": "none",
      "stride.worker": "worker",
      "stride.outcome": "finished",
    },
  });
  expect(collector.spans[0]?.status.code ?? 0).toBe(0);
  expect(reportedIn).toBe(collector.spans[0]?.spanId);
});

it("a failed training's span has the status of an error, and says why; so has an attempt that cannot be reported", async () => {
  const attempts = await openAttempts();
  await using collector = await traced(async () => {
    await attempts.run({ reports: failing });
    const away = async () => {
      throw new Error("cannot reach the coordinator");
    };
    await expect(attempts.run({ reporter: { startAttempt: away } })).rejects.toThrow("cannot reach");
  });
  expect(collector.spans.map(({ status }) => status)).toEqual([
    { code: 2, message: "out of memory" },
    { code: 2, message: "cannot reach the coordinator" },
  ]);
  expect(collector.spans[0]?.attributes).toMatchObject({ "stride.outcome": "redeliver" });
});

it("what is handed back has not failed", async () => {
  const attempts = await openAttempts();
  const leave = new AbortController();
  await using collector = await traced(() =>
    attempts.run({
      signal: leave.signal,
      async *reports(work, signal) {
        yield* inFourReports({ ...work, trials: [] }, AbortSignal.abort());
        leave.abort();
        if (!signal.aborted) throw new Error("it was asked to go");
      },
    }),
  );
  expect(collector.spans[0]?.attributes).toMatchObject({
    "stride.outcome": "redeliver",
    "stride.because": "handed back",
  });
  expect(collector.spans[0]?.status.code ?? 0).toBe(0);
});

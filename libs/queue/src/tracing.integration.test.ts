import { context, propagation, trace } from "@opentelemetry/api";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterAll, describe, expect, it } from "vitest";
import { backends, quick } from "../test/backends.js";
import { cohort } from "../test/cohorts.js";
import { inTraceOf } from "./tracing.js";

new NodeTracerProvider().register();
afterAll(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

const traceId = () => trace.getActiveSpan()?.spanContext().traceId;
/** Runs the work in a trace of its own; gives the trace's id. */
async function traced(work: () => Promise<unknown>): Promise<string | undefined> {
  return trace.getTracer("test").startActiveSpan("deliver", async (span) => {
    await work();
    span.end();
    return traceId();
  });
}

describe.each(backends)("on $kind", ({ kind, missing, start, create }) => {
  it.skipIf(missing !== undefined)(
    `cohorts are handled in the trace they were added in (${missing ?? kind})`,
    async () => {
      await using server = await start();
      await using queue = await create({ ...quick, url: server.url });
      const first = await traced(() => queue.add([cohort("one")]));
      const second = await traced(() => queue.add([cohort("two"), cohort("three")]));
      await queue.add([cohort("untraced")]);
      const seen: Record<string, string | undefined> = {};
      await queue.consume({
        slots: 2,
        handle: async ({ cohortId }) => {
          await new Promise((resolve) => setImmediate(resolve));
          seen[cohortId] = traceId();
        },
        onError: () => undefined,
      });
      await expect.poll(() => Object.keys(seen).length, { timeout: 20_000 }).toBe(4);
      expect(seen).toEqual({ one: first, two: second, three: second, untraced: undefined });
      expect(first).not.toBe(second);
    },
  );

  it.skipIf(missing !== undefined)(
    `a cohort that is delivered again is in the same trace (${missing ?? kind})`,
    async () => {
      await using server = await start();
      await using queue = await create({ ...quick, url: server.url });
      const added = await traced(() => queue.add([cohort("again")]));
      const seen: (string | undefined)[] = [];
      await queue.consume({
        slots: 1,
        handle: async () => {
          seen.push(traceId());
          if (seen.length === 1) throw new Error("deliver again");
        },
        onError: () => undefined,
      });
      await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(2);
      expect(seen).toEqual([added, added]);
    },
  );
});

it.each(["", "{", "null", "[1]", '{"traceparent":5}', '{"traceparent":"nonsense"}'])(
  "a job that carries %j instead of a trace is handled in none",
  (metadata) => {
    expect(inTraceOf({ telemetry: { metadata } }, traceId)).toBeUndefined();
  },
);

import { describe, expect, it } from "vitest";
import { memoryLog, memoryMetrics } from "../../test/memory-metrics.js";
import { callObserver } from "./calls.js";
import { textLog } from "./log.js";
import { parseObservability } from "./settings.js";

describe("the log as text", () => {
  const lines = (level: "silent" | "error" | "warn" | "info" | "debug") => {
    const written: string[] = [];
    const log = textLog(level, (line) => written.push(line));
    log.error({}, "the database is away");
    log.warn({ method: "Report", seconds: 3.5, study: undefined }, "slow call");
    log.info({ study: "s" }, "study submitted");
    log.say({ address: "127.0.0.1:1" }, "coordinator on 127.0.0.1:1");
    return written;
  };
  const said = "coordinator on 127.0.0.1:1";
  const error = "coordinator: the database is away";
  const warning = "coordinator: slow call (method Report, seconds 3.5)";
  it.each([
    { level: "silent" as const, written: [said] },
    { level: "error" as const, written: [error, said] },
    { level: "warn" as const, written: [error, warning, said] },
    { level: "info" as const, written: [error, warning, "coordinator: study submitted (study s)", said] },
  ])("at level $level", ({ level, written }) => {
    expect(lines(level)).toEqual(written);
  });
});

describe("settings of log and traces", () => {
  it.each([
    { environment: {}, settings: { logFormat: "text", logLevel: "warn", traced: false } },
    { environment: { STRIDE_LOG_FORMAT: "json" }, settings: { logFormat: "json", logLevel: "info", traced: false } },
    {
      environment: { STRIDE_LOG_FORMAT: "", STRIDE_LOG_LEVEL: "debug" },
      settings: { logFormat: "text", logLevel: "debug", traced: false },
    },
    {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" },
      settings: { logFormat: "text", logLevel: "warn", traced: true },
    },
  ])("of $environment", ({ environment, settings }) => {
    expect(parseObservability(environment)).toEqual(settings);
  });

  it("that are none are named, with what is allowed and what came", () => {
    expect(() => parseObservability({ STRIDE_LOG_FORMAT: "xml", STRIDE_LOG_LEVEL: "loud" })).toThrow(
      'environment variable STRIDE_LOG_FORMAT must be one of text, json, got "xml"\n' +
        'environment variable STRIDE_LOG_LEVEL must be one of silent, error, warn, info, debug, got "loud"',
    );
  });
});

describe("calls", () => {
  const call = { method: "S/M", code: "OK", seconds: 0.1, streams: false, peer: "10.0.0.1:5" };

  it("are counted; slow ones are told of, but not streams, which last as long as they are read", () => {
    const [log, metrics] = [memoryLog(), memoryMetrics()];
    const onCall = callObserver({ log, metrics });
    for (const each of [call, { ...call, seconds: 2.34567 }, { ...call, seconds: 60, streams: true }]) onCall(each);
    expect(metrics.told).toEqual(["call S/M OK", "call S/M OK", "call S/M OK"]);
    expect(log.lines).toEqual([{ level: "warn", message: "slow call", method: "S/M", code: "OK", seconds: 2.346 }]);
  });

  it("that are refused are told of once in ten seconds, by reason and method", () => {
    const [log, metrics] = [memoryLog(), memoryMetrics()];
    let time = 0;
    const onCall = callObserver({ log, metrics, now: () => time });
    const refused = { ...call, code: "UNAUTHENTICATED" };
    for (time of [0, 5_000, 10_000]) onCall(refused);
    onCall({ ...refused, code: "FAILED_PRECONDITION" });
    expect(log.lines.map(({ message, reason, peer }) => [message, reason, peer])).toEqual([
      ["call refused", "unauthenticated", "10.0.0.1:5"],
      ["call refused", "unauthenticated", "10.0.0.1:5"],
      ["call refused", "protocol", "10.0.0.1:5"],
    ]);
    expect(metrics.told.filter((told) => told.startsWith("refused"))).toEqual(["refused protocol"]);
  });
});

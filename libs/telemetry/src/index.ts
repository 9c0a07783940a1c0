export {
  type Access,
  type HttpOptions,
  type HttpServer,
  type HttpTls,
  type Page,
  serveHttp,
  type Visitor,
} from "./http.js";
export {
  type CallSample,
  createMetrics,
  type LoadSample,
  type Metrics,
  type MetricsOptions,
} from "./metrics.js";
export { type ActiveSpan, currentTraceParent, inSpan, type SpanOptions, traceIds } from "./spans.js";
export { startTracing, type Tracing, type TracingOptions, wantsTraces } from "./tracing.js";

import { context, DiagLogLevel, diag, propagation, trace } from "@opentelemetry/api";

type Environment = Readonly<Record<string, string | undefined>>;

export interface TracingOptions {
  /** Such as `stride-worker`; OTEL_SERVICE_NAME replaces it. */
  readonly service: string;
  readonly version: string;
  /** The process's environment: OTEL_EXPORTER_OTLP_ENDPOINT decides whether there are traces at all. */
  readonly environment: Environment;
  /** Told why spans were not exported; never a password of the endpoint. */
  onProblem?(problem: string): void;
}

/** Disposing exports what is left, for three seconds at most, and ends tracing. */
export interface Tracing extends AsyncDisposable {
  readonly enabled: boolean;
}

/** How long the last export may hold a process up that wants to go. */
const flushMs = 3_000;

/** True when the environment asks for traces, in the words of the OpenTelemetry specification. */
export function wantsTraces(environment: Environment): boolean {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } = environment;
  if (!OTEL_EXPORTER_OTLP_ENDPOINT && !OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return false;
  return environment.OTEL_SDK_DISABLED?.toLowerCase() !== "true" && environment.OTEL_TRACES_EXPORTER !== "none";
}

/**
 * Exports this process's spans over OTLP/HTTP as JSON when OTEL_EXPORTER_OTLP_ENDPOINT is set. Sampler, limits, batches, headers and
 * resource attributes are those of the other OTEL_* variables. Else nothing is loaded, and every span costs a call that does nothing.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  if (!wantsTraces(options.environment)) return { enabled: false, [Symbol.asyncDispose]: async () => {} };
  const [sdk, { OTLPTraceExporter }, resources] = await Promise.all([
    import("@opentelemetry/sdk-trace-node"),
    import("@opentelemetry/exporter-trace-otlp-http"),
    import("@opentelemetry/resources"),
  ]);
  const { onProblem = () => {} } = options;
  const tell = (message: string): void => onProblem(`traces: ${withoutPasswords(message)}`);
  const silent = (): void => {};
  diag.setLogger(
    { error: tell, warn: tell, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const named = resources.resourceFromAttributes({
    "service.name": options.service,
    "service.version": options.version,
  });
  const detected = resources.detectResources({
    detectors: [resources.hostDetector, resources.envDetector, resources.serviceInstanceIdDetector],
  });
  const provider = new sdk.NodeTracerProvider({
    resource: resources.defaultResource().merge(named).merge(detected),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  return {
    enabled: true,
    async [Symbol.asyncDispose]() {
      await settledWithin(provider.shutdown(), flushMs, tell);
      trace.disable();
      context.disable();
      propagation.disable();
      diag.disable();
    },
  };
}

async function settledWithin(work: Promise<void>, ms: number, tell: (message: string) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      tell(`the last spans were not exported within ${ms} ms`);
      resolve();
    }, ms);
  });
  await Promise.race([work.catch((error: unknown) => tell(String(error))), late]);
  clearTimeout(timer);
}

/** Endpoints may carry a login. */
function withoutPasswords(message: string): string {
  return message.replace(/\/\/[^\s/@]*@/g, "//***@").slice(0, 500);
}

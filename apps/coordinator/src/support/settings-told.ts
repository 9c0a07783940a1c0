import { placeOf } from "../connection.js";

type Environment = Readonly<Record<string, string | undefined>>;

const anything = "set (not shown)";
const whole = (value: string): string => (/^\d{1,9}$/.test(value) ? value : anything);
const word = (value: string): string => (/^[a-z0-9-]{1,20}$/.test(value) ? value : anything);
const address = (value: string): string =>
  /^(?:\[[0-9a-f:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/.test(value) ? value : anything;
const place = (value: string): string => {
  try {
    return placeOf(value);
  } catch {
    return anything;
  }
};
const hidden = (): string => anything;

/**
 * What a bundle tells of each variable. A value is shown only in the form that the variable should have, so that a secret in the wrong
 * place is not; variables that are not listed here are not told of at all.
 */
const told: Readonly<Record<string, (value: string) => string>> = {
  STRIDE_HOME: hidden,
  STRIDE_DATABASE_URL: place,
  STRIDE_REDIS_URL: place,
  STRIDE_QUEUE_URL: place,
  STRIDE_COORDINATOR: address,
  STRIDE_LISTEN: address,
  STRIDE_HTTP_LISTEN: address,
  STRIDE_HEALTH_LISTEN: address,
  STRIDE_TOKEN: hidden,
  STRIDE_TOKEN_FILE: hidden,
  STRIDE_TOKENS_FILE: hidden,
  STRIDE_RATE_LIMIT: whole,
  STRIDE_TLS: word,
  STRIDE_TLS_CA_FILE: hidden,
  STRIDE_TLS_PIN_FILE: hidden,
  STRIDE_TLS_CERT_FILE: hidden,
  STRIDE_TLS_KEY_FILE: hidden,
  STRIDE_TLS_CLIENT_CA_FILE: hidden,
  STRIDE_TLS_CLIENT_CERT_FILE: hidden,
  STRIDE_TLS_CLIENT_KEY_FILE: hidden,
  STRIDE_TLS_SERVER_NAME: hidden,
  STRIDE_LEASE_MS: whole,
  STRIDE_ALLOW_MODULES: whole,
  STRIDE_MIGRATE: whole,
  STRIDE_LOG_FORMAT: word,
  STRIDE_LOG_LEVEL: word,
  STRIDE_EXECUTOR: word,
  STRIDE_SLOTS: whole,
  STRIDE_THREADS: whole,
  STRIDE_DRAIN_SECONDS: whole,
  STRIDE_DEVICE_MEMORY_MB: whole,
  STRIDE_WORKER_ID: hidden,
  OTEL_EXPORTER_OTLP_ENDPOINT: place,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: place,
  OTEL_EXPORTER_OTLP_HEADERS: hidden,
  OTEL_SERVICE_NAME: hidden,
  OTEL_TRACES_SAMPLER: word,
  NODE_OPTIONS: hidden,
  NODE_EXTRA_CA_CERTS: hidden,
};

/** The variables that are set, in the order of the table, as a bundle tells them. */
export function settingsTold(environment: Environment): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, tell]) => {
      const value = environment[name];
      return value === undefined || value === "" ? [] : [[name, tell(value)]];
    }),
  );
}

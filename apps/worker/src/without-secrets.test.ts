import { expect, it } from "vitest";
import { withoutSecrets } from "./without-secrets.js";

it("keeps all but what opens coordinator, database, queue and collector", () => {
  const kept = { PATH: "/bin", STRIDE_EXECUTOR: "tfjs-cpu" };
  const values = { STRIDE_TOKEN: "t", STRIDE_QUEUE_URL: "q", STRIDE_DATABASE_URL: "d", STRIDE_REDIS_URL: "r" };
  const files = { STRIDE_TOKEN_FILE: "f", STRIDE_TOKENS_FILE: "f", STRIDE_TLS_KEY_FILE: "k" };
  const secret = { ...values, ...files, STRIDE_TLS_CLIENT_KEY_FILE: "k" };
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: "api-key=k", OTEL_EXPORTER_OTLP_TRACES_HEADERS: "api-key=k" };
  expect(withoutSecrets({ ...kept, ...secret, ...headers })).toEqual(kept);
});

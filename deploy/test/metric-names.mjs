import { readFileSync } from "node:fs";

const documentation = readFileSync(new URL("../../docs/observability.md", import.meta.url), "utf8");
// libs/telemetry/src/metrics.test.ts holds this table to the code: names, types and labels, none left out.
const rows = [...documentation.matchAll(/^\| `(stride_\w+)`[^|]*\| (\w+) *\|([^|]*)\|/gm)];

/** The coordinator's metrics that dashboard and alerts may use, with their labels. */
export const metricNames = {
  ...Object.fromEntries(rows.map(([, name, type, labels]) => [name, { type, labels: labels.match(/\w+/g) ?? [] }])),
  // Of the process, by prom-client's collectDefaultMetrics.
  process_cpu_seconds_total: { type: "counter", labels: [] },
  process_resident_memory_bytes: { type: "gauge", labels: [] },
  nodejs_eventloop_lag_p99_seconds: { type: "gauge", labels: [] },
};

/** What Prometheus itself adds. */
export const scrapeNames = { up: { type: "gauge", labels: [] } };
export const scrapeLabels = ["namespace", "service", "job", "instance", "pod"];

/** The coordinator's metrics that dashboard and alerts may use, with their labels. */
export const metricNames = {
  stride_trials: { type: "gauge", labels: ["study", "outcome"] },
  stride_cohorts_unfinished: { type: "gauge", labels: [] },
  stride_cohorts_waiting: { type: "gauge", labels: [] },
  stride_oldest_waiting_seconds: { type: "gauge", labels: [] },
  stride_report_age_seconds: { type: "gauge", labels: [] },
  stride_workers: { type: "gauge", labels: ["executor", "state"] },
  stride_database_up: { type: "gauge", labels: [] },
  stride_build_info: { type: "gauge", labels: ["version"] },
  stride_steps_total: { type: "counter", labels: [] },
  stride_attempts_total: { type: "counter", labels: ["ending"] },
  stride_diverged_trials_total: { type: "counter", labels: [] },
  stride_rpc_calls_total: { type: "counter", labels: ["method", "code"] },
  stride_refused_calls_total: { type: "counter", labels: ["reason"] },
  stride_rpc_seconds: { type: "histogram", labels: ["method"] },
  // Of the process, by prom-client's collectDefaultMetrics.
  process_cpu_seconds_total: { type: "counter", labels: [] },
  process_resident_memory_bytes: { type: "gauge", labels: [] },
  nodejs_eventloop_lag_p99_seconds: { type: "gauge", labels: [] },
};

/** What Prometheus itself adds. */
export const scrapeNames = { up: { type: "gauge", labels: [] } };
export const scrapeLabels = ["namespace", "service", "job", "instance", "pod"];

import { createReporterClient, serveGrpc, systemTiming, type Timing } from "../src/index.js";
import { memoryLaboratory } from "./memory-laboratory.js";
import { memoryReporter } from "./memory-reporter.js";

type ServeOptions = Parameters<typeof serveGrpc>[0];

/** A server on a free loopback port, in memory unless told otherwise. */
export function serving(options: Partial<ServeOptions> = {}) {
  return serveGrpc({
    address: "127.0.0.1:0",
    reporter: memoryReporter(),
    laboratory: memoryLaboratory(),
    shutdownMs: 1_000,
    ...options,
  });
}

/** The system's clock, with pauses of at most 20 ms, so that tests do not wait. */
export const briefTiming: Timing = {
  ...systemTiming,
  sleep: (ms, signal) => systemTiming.sleep(Math.min(ms, 20), signal),
};

/** A client that gives up at once. */
export function impatient(address: string, options: Partial<Parameters<typeof createReporterClient>[0]> = {}) {
  return createReporterClient({ address, timing: briefTiming, retry: { limitMs: 0, deadlineMs: 5_000 }, ...options });
}

/** A client that waits for a minute, asking every 20 ms. */
export function patient(address: string, options: Partial<Parameters<typeof createReporterClient>[0]> = {}) {
  return createReporterClient({ address, timing: briefTiming, retry: { limitMs: 60_000 }, ...options });
}

export const start = { cohortId: "cohort-1", workerId: "worker-1", executor: "onnx-cpu" };

/** A promise and what resolves it. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

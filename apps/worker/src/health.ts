import type { TrialQueue } from "@stride/experiment";
import { createHealthClient, serveHealth } from "@stride/rpc";
import type { WorkerLog } from "./worker-log.js";

export interface WorkerHealthOptions {
  /** Where probes ask, `host:port`; undefined: nowhere. */
  readonly listen: string | undefined;
  /** How the coordinator is reached. */
  readonly connection: Parameters<typeof createHealthClient>[0];
  readonly signal: AbortSignal;
  readonly log: WorkerLog;
}

/** Serves health to probes where that is wanted: alive from now on, ready once it is told of its queue and while that and the coordinator answer. */
export async function openWorkerHealth({ listen, connection, signal, log }: WorkerHealthOptions) {
  if (listen === undefined) return undefined;
  const health = await serveHealth({
    address: listen,
    signal,
    onChange(ready, why) {
      if (ready) log.info({}, "ready");
      else log.warn({ why }, "not ready");
    },
  });
  const coordinator = createHealthClient(connection);
  return {
    port: health.port,
    watchServices(queue: TrialQueue): void {
      health.watch(() => Promise.all([queue.present(["readiness"]), coordinator.check()]));
    },
    async [Symbol.asyncDispose]() {
      await health[Symbol.asyncDispose]();
      await coordinator[Symbol.asyncDispose]();
    },
  };
}

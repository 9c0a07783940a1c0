import type { TrialQueue } from "@stride/experiment";
import { version } from "@stride/experiment";
import type { PostgresResultStore } from "@stride/results";
import { type Authority, type FileValue, type ServerTls, serveHealth } from "@stride/rpc";
import { createMetrics } from "@stride/telemetry";
import { refusals } from "./calls.js";
import type { Log } from "./log.js";
import type { Observation } from "./observed-coordinator.js";
import { serveStatus } from "./serve-status.js";
import { statusReader } from "./status.js";

/** Studies that `stride_trials` tells of at most: each is six series. */
const studiesInMetrics = 100;

export interface ObserveOptions {
  readonly store: PostgresResultStore;
  readonly leaseMs: number;
  readonly log: Log;
}

/** The log with the metrics over this store. */
export async function openObservation({ store, leaseMs, log }: ObserveOptions): Promise<Observation> {
  const metrics = await createMetrics({
    version,
    refusals,
    load: () => store.monitor.load({ leaseMs, studies: studiesInMetrics }),
    onError: (error) => log.warn({ error: messageOf(error) }, "metrics go without the results database"),
  });
  return { log, metrics };
}

export interface StatusServerOptions extends ObserveOptions, Observation {
  /** Where; undefined or empty: nowhere. */
  readonly listen: string | undefined;
  /** Undefined: no token is needed, and only this machine is served. */
  readonly pageAuthority: Authority | undefined;
  readonly tls: FileValue<ServerTls> | undefined;
}

/** Serves metrics and the status page where that is wanted; undefined where not. */
export async function openStatusServer(options: StatusServerOptions) {
  const { listen, store, leaseMs, log, tls } = options;
  if (!listen) return undefined;
  const readStatus = statusReader({ store, leaseMs, version, startedAt: new Date() });
  const server = await serveStatus({ ...options, authority: options.pageAuthority, listen, readStatus });
  const address = `${listen.slice(0, listen.lastIndexOf(":"))}:${server.port}`;
  log.say({ address }, `metrics and status on http${tls === undefined ? "" : "s"}://${address}/`);
  return server;
}

export interface HealthServerOptions {
  /** Where; undefined or empty: nowhere. */
  readonly listen: string | undefined;
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Serves health to probes where that is wanted: alive from now on, not ready before it is told what to look at. */
export async function openHealthServer({ listen, signal, log }: HealthServerOptions) {
  if (!listen) return undefined;
  const health = await serveHealth({
    address: listen,
    signal,
    onChange(ready, why) {
      if (ready) log.info({}, "ready");
      else log.warn({ why }, "not ready");
    },
  });
  return {
    ...health,
    /** Ready as long as both answer. */
    watchServices(store: PostgresResultStore, queue: TrialQueue): void {
      health.watch(() => Promise.all([store.monitor.ping(), queue.present(["readiness"])]));
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

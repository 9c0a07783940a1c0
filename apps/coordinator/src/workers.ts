import type { ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { launchWorker } from "@stride/worker/launch";

export interface WorkerFleetOptions {
  readonly count: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Folder for one log file a worker. */
  readonly logs: string;
  /** Milliseconds a worker has to hand back its cohorts before it is killed. */
  readonly graceMs?: number;
  /** Told when a worker ended that was not asked to; it is started again. */
  onLoss(worker: string, how: string): void;
}

/** Worker processes on this machine, kept running until disposed, then asked to hand back their cohorts. */
export function startWorkerFleet(options: WorkerFleetOptions): AsyncDisposable & { readonly pids: () => number[] } {
  mkdirSync(options.logs, { recursive: true, mode: 0o700 });
  const running = new Map<string, ChildProcess>();
  const restarts = new Set<NodeJS.Timeout>();
  let leaving = false;

  function start(name: string, restartMs: number): void {
    const log = openSync(join(options.logs, `${name}.log`), "a", 0o600);
    const startedAt = Date.now();
    const worker = launchWorker({ environment: { ...options.environment, STRIDE_WORKER_ID: name }, output: log });
    closeSync(log);
    running.set(name, worker);
    worker.once("exit", (code, signal) => {
      running.delete(name);
      if (leaving) return;
      options.onLoss(name, signal ?? `exit code ${code}`);
      const next = Date.now() - startedAt > 30_000 ? 500 : Math.min(restartMs * 2, 15_000);
      const timer = setTimeout(() => {
        restarts.delete(timer);
        start(name, next);
      }, restartMs);
      restarts.add(timer);
    });
  }
  for (let index = 1; index <= options.count; index += 1) start(`worker-${process.pid}-${index}`, 500);

  return {
    pids: () => [...running.values()].flatMap((worker) => worker.pid ?? []),
    async [Symbol.asyncDispose]() {
      leaving = true;
      for (const timer of restarts) clearTimeout(timer);
      await Promise.all(
        [...running.values()].map(async (worker) => {
          const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
          worker.kill("SIGTERM");
          const timer = setTimeout(() => worker.kill("SIGKILL"), options.graceMs ?? 15_000);
          await gone;
          clearTimeout(timer);
        }),
      );
    },
  };
}

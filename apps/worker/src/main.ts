/** A worker node: reads its environment, connects to the queue and the coordinator, and trains until it is told to go. */
import { hostname } from "node:os";
import { InvalidArgument } from "@stride/experiment";
import { openTrialQueue } from "@stride/queue";
import { createReporterClient } from "@stride/rpc";
import { pino } from "pino";
import { InvalidEnvironment, parseEnvironment } from "./environment.js";
import { createChildTrainer } from "./trainer.js";
import { runWorker } from "./worker.js";

const leave = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => leave.abort());
// Whoever launched this worker is gone, and most likely the coordinator with it: its cohorts will be taken by others.
process.on("disconnect", () => process.exit(0));
if (process.connected === false) process.exit(0); // It went while this module was loading.

/** Runs until told to go; resolves to the exit code. */
async function main(): Promise<number> {
  const environment = parseEnvironment(process.env);
  const workerId = environment.workerId ?? `${hostname()}-${process.pid}`;
  const log = pino({ level: environment.logLevel, base: { worker: workerId } });
  await using queue = await openTrialQueue({ url: environment.queueUrl, leaseMs: environment.leaseMs });
  await using reporter = createReporterClient({
    address: environment.coordinator,
    ...(environment.token === undefined ? {} : { token: environment.token }),
  });
  log.info({ executor: environment.executor, slots: environment.slots, pid: process.pid }, "worker ready");
  await runWorker({
    queue,
    reporter,
    createTrainer: () => createChildTrainer(environment),
    workerId,
    executor: environment.executor,
    slots: environment.slots,
    heartbeatMs: Math.min(5_000, environment.leaseMs / 4),
    leaveGraceMs: 10_000,
    log,
    signal: leave.signal,
  });
  log.info({}, "worker gone");
  return 0;
}

try {
  process.exit(await main());
} catch (error) {
  console.error(`stride worker: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(error instanceof InvalidEnvironment || error instanceof InvalidArgument ? 2 : 3);
}

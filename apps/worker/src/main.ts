/** A worker node: reads its environment, connects to the queue and the coordinator, and trains until it is told to go. */
import { hostname } from "node:os";
import { findDevices } from "@stride/compile/devices";
import { InvalidArgument, version } from "@stride/experiment";
import { openTrialQueue } from "@stride/queue";
import { clientSecurity, createReporterClient, Forbidden, ProtocolMismatch, Unauthenticated } from "@stride/rpc";
import { startTracing, traceIds } from "@stride/telemetry";
import { pino } from "pino";
import { createAdmission } from "./admission.js";
import { startAnnouncer } from "./announcer.js";
import { computesOnDevice, deviceUse } from "./device-budget.js";
import { InvalidEnvironment, parseEnvironment } from "./environment.js";
import { openWorkerHealth } from "./health.js";
import { createChildTrainer } from "./trainer.js";
import { runWorker, type WorkerActivity } from "./worker.js";

const leave = new AbortController();
/** Asked a second time: hand back at once. */
const hurry = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => (leave.signal.aborted ? hurry : leave).abort());
}
// Whoever launched this worker is gone, and most likely the coordinator with it: its cohorts will be taken by others.
process.on("disconnect", () => process.exit(0));
if (process.connected === false) process.exit(0); // It went while this module was loading.

/** Runs until told to go; resolves to the exit code. */
async function main(): Promise<number> {
  const environment = parseEnvironment(process.env);
  const workerId = environment.workerId ?? `${hostname()}-${process.pid}`;
  const log = pino({ level: environment.logLevel, base: { worker: workerId }, mixin: traceIds });
  await using _tracing = await startTracing({
    service: "stride-worker",
    version,
    environment: process.env,
    onProblem: (problem) => log.warn({}, problem),
  });
  const connection = {
    address: environment.coordinator,
    ...clientSecurity(
      { token: environment.token, ...environment.security },
      { onWarning: (warning) => log.warn({}, warning) },
    ),
  };
  await using health = await openWorkerHealth({
    listen: environment.healthListen,
    connection,
    signal: leave.signal,
    log,
  });
  await using queue = await openTrialQueue({ url: environment.queueUrl, leaseMs: environment.leaseMs, migrate: false });
  await using reporter = createReporterClient(connection);
  const { executor, slots, deviceMemoryMb } = environment;
  const report = computesOnDevice(executor) ? await findDevices() : { devices: [], notes: [] };
  const device = deviceUse({ executor, deviceMemoryMb, report, visible: process.env.CUDA_VISIBLE_DEVICES });
  const { devices, budget } = device;
  const admission = createAdmission({ slots, ...(budget === undefined ? {} : { budget }) });
  const activity: WorkerActivity = { busy: 0, state: "working" };
  let refused: Error | undefined;
  log.info({ coordinator: environment.coordinator, pid: process.pid }, "waiting for the coordinator");
  const starting = startAnnouncer({
    reporter,
    describe: () => ({ workerId, version, executor, slots, concurrency: admission.limit, ...activity, devices }),
    log,
    onRefused(error) {
      refused = error;
      leave.abort();
    },
  });
  await using announcer = await unlessAborted(starting, leave.signal);
  if (announcer === undefined) return 0;
  leave.signal.addEventListener("abort", () => setImmediate(() => announcer.now()), { once: true });
  health?.watchServices(queue);
  const memory = budget === undefined ? {} : { deviceMemoryMb: budget / 2 ** 20 };
  log.info({ executor, slots, ...(devices.length === 0 ? {} : { devices }), ...memory }, "worker ready");
  await runWorker({
    queue,
    reporter,
    createTrainer: () => createChildTrainer(environment),
    workerId,
    executor,
    slots,
    activity,
    admission,
    memoryOf: device.memoryOf,
    heartbeatMs: Math.min(5_000, environment.leaseMs / 4),
    leaveGraceMs: 10_000,
    drainMs: environment.drainSeconds * 1000,
    log,
    signal: leave.signal,
    hurry: hurry.signal,
  });
  if (refused !== undefined) throw refused;
  log.info({}, "worker gone");
  return 0;
}

/** What `work` resolves to, or undefined once `signal` is aborted first. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const left = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  return await Promise.race([work, left]);
}

const misconfigured = [InvalidEnvironment, InvalidArgument, ProtocolMismatch, Unauthenticated, Forbidden];

try {
  process.exit(await main());
} catch (error) {
  console.error(`stride worker: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(misconfigured.some((kind) => error instanceof kind) ? 2 : 3);
}

import { type ConsumeOptions, type Consumer, requireSlots, type Work } from "@stride/experiment";
import { type IQueueBackend, type Job, type Processor, UnrecoverableError, WaitingChildrenError } from "bullmq";
import { withoutSecrets } from "./errors.js";
import { maxStalledCount, parsePayload, retryPause } from "./job.js";
import type { Settings } from "./options.js";
import { inTraceOf } from "./tracing.js";

/** What this module needs of a BullMQ worker, whatever its backend. */
export interface BullWorker {
  /** Read by its loop before it asks for the next job. */
  concurrency: number;
  on(event: "error", listener: (error: Error) => void): unknown;
  run(): Promise<void>;
  getBackend(): Pick<IQueueBackend, "moveToActive">;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

/** Settings of a worker that do not depend on the backend. */
export function workerSettings(settings: Settings, slots: number) {
  return {
    autorun: false,
    concurrency: slots,
    lockDuration: settings.lockDurationMs,
    stalledInterval: settings.stalledIntervalMs,
    maxStalledCount,
    runRetryDelay: 500,
    settings: { backoffStrategy: (attemptsMade: number) => retryPause(settings.retryPauseMs, attemptsMade) },
  };
}

interface Consume {
  readonly options: ConsumeOptions;
  readonly secrets: readonly string[];
  /** Opens a worker that runs `process` on each job. */
  open(process: Processor<unknown>): BullWorker | Promise<BullWorker>;
}

/** How long a worker with nothing left to do may take to close before it is cut off: its service may be gone. */
const closingGraceMs = 3_000;
const cuttingGraceMs = 500;

/** Runs work through `options.handle` until disposed, which waits for those in hand. */
export async function consumer({ options, secrets, open }: Consume): Promise<Consumer> {
  const report = onceInAWhile((error) => options.onError(withoutSecrets(error, secrets)));
  const running = new Set<Promise<void>>();
  const worker = await open((job, token) => {
    const run = deliver(job, token, options);
    running.add(run);
    return run.finally(() => running.delete(run));
  });
  worker.on("error", report);
  pauseAfterErrors(worker.getBackend());
  worker.run().catch(report);
  let closed: Promise<void> | undefined;
  const close = async () => {
    const closing = worker.close();
    do await Promise.allSettled(running);
    while (running.size > 0);
    if (await settlesWithin(closing, closingGraceMs)) return;
    await settlesWithin(worker.disconnect(), cuttingGraceMs);
  };
  return {
    setSlots(slots) {
      requireSlots(slots, options.slots);
      worker.concurrency = slots;
    },
    [Symbol.asyncDispose]() {
      closed ??= close();
      return closed;
    },
  };
}

/**
 * A worker asks for the next job again at once after an error that it does not take for a lost connection, as when
 * Postgres is still recovering or Redis is out of memory; this has it wait a moment.
 */
function pauseAfterErrors(backend: ReturnType<BullWorker["getBackend"]>): void {
  const moveToActive = backend.moveToActive.bind(backend);
  backend.moveToActive = async (...request) => {
    try {
      return await moveToActive(...request);
    } catch (error) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw error;
    }
  };
}

async function deliver(
  job: Job<unknown>,
  token: string | undefined,
  { handle, onError }: ConsumeOptions,
): Promise<void> {
  let work: Work;
  try {
    work = parsePayload(job.id, job.data);
  } catch (error) {
    if (error instanceof UnrecoverableError) onError(error);
    throw error;
  }
  // Batches may have been put before an update that was released already.
  if ("kind" in work && work.kind === "update" && (await job.moveToWaitingChildren(token ?? ""))) {
    throw new WaitingChildrenError();
  }
  await inTraceOf(job.opts, () => handle(work));
}

/** Passes an error on unless one with the same message was passed on in the last 10 s: an outage repeats itself. */
export function onceInAWhile(report: (error: Error) => void, now: () => number = Date.now): (error: Error) => void {
  const last = new Map<string, number>();
  return (error) => {
    const time = now();
    for (const [message, reported] of last) if (time - reported > 10_000) last.delete(message);
    if (last.has(error.message)) return;
    last.set(error.message, time);
    report(error);
  };
}

async function settlesWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const settled = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}

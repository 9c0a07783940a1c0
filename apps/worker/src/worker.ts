import { setMaxListeners } from "node:events";
import type { TrialQueue } from "@stride/experiment";
import { runAttempt } from "./attempt.js";
import type { Trainer } from "./trainer.js";
import type { Reporter, Work } from "./work-reports.js";
import type { WorkerLog } from "./worker-log.js";

export interface WorkerOptions {
  readonly queue: TrialQueue;
  readonly reporter: Reporter;
  readonly createTrainer: () => Trainer;
  readonly workerId: string;
  readonly executor: string;
  readonly slots: number;
  readonly heartbeatMs: number;
  /** How long a worker that is asked to go waits for an answer to what it hands back, in milliseconds. */
  readonly leaveGraceMs: number;
  readonly log: WorkerLog;
  /** Aborted when the worker is asked to go. */
  readonly signal: AbortSignal;
}

/** Thrown to the queue to have a cohort delivered again. */
export class DeliverAgain extends Error {
  override readonly name = "DeliverAgain";
}

/**
 * Takes cohorts from the queue, `slots` at a time, one trainer each, until `signal` is aborted; then hands back what it has. It
 * resolves once nothing trains any more; what could not be handed back by then is given up when queue and reporter are closed.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { queue, log, signal } = options;
  const idle: Trainer[] = [];
  const trainers: Trainer[] = [];
  setMaxListeners(0, signal); // One a slot.

  async function handle(work: Work): Promise<void> {
    let trainer = idle.pop();
    if (trainer === undefined) {
      trainer = options.createTrainer();
      trainers.push(trainer);
    }
    try {
      const outcome = await runAttempt({ ...options, work, trainer });
      if (outcome.kind === "redeliver") throw new DeliverAgain(outcome.because);
    } finally {
      idle.push(trainer);
    }
  }

  const consumer = await queue.consume({
    slots: options.slots,
    handle,
    onError: (error) => log.warn({ error: error.message }, "queue"),
  });
  try {
    await aborted(signal);
  } finally {
    await settledWithin(consumer[Symbol.asyncDispose](), options.leaveGraceMs);
    await Promise.all(trainers.map((trainer) => trainer[Symbol.asyncDispose]()));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function settledWithin(work: PromiseLike<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

import type { Cohort, TrialQueue, TrialReporter } from "@stride/experiment";
import { runAttempt } from "./attempt.js";
import type { Trainer } from "./trainer.js";

/** The part of a logger a worker uses. */
export interface WorkerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface WorkerOptions {
  readonly queue: TrialQueue;
  readonly reporter: TrialReporter;
  readonly createTrainer: () => Trainer;
  readonly workerId: string;
  readonly executor: string;
  readonly slots: number;
  readonly heartbeatMs: number;
  readonly log: WorkerLog;
  /** Aborted when the worker is asked to go. */
  readonly signal: AbortSignal;
}

/** Thrown to the queue to have a cohort delivered again. */
export class DeliverAgain extends Error {
  override readonly name = "DeliverAgain";
}

/** Takes cohorts from the queue, `slots` at a time, one trainer each, until `signal` is aborted; then hands back what it has. */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { queue, log, signal } = options;
  const idle: Trainer[] = [];
  const trainers: Trainer[] = [];

  async function handle(cohort: Cohort): Promise<void> {
    let trainer = idle.pop();
    if (trainer === undefined) {
      trainer = options.createTrainer();
      trainers.push(trainer);
    }
    try {
      const outcome = await runAttempt({ ...options, cohort, trainer });
      log.info(
        { cohort: cohort.cohortId, study: cohort.studyName, trials: cohort.trials.length, ...outcome },
        "cohort",
      );
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
    await consumer[Symbol.asyncDispose]();
    await Promise.all(trainers.map((trainer) => trainer[Symbol.asyncDispose]()));
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

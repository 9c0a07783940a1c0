import { setMaxListeners } from "node:events";
import type { TrialQueue, WorkerState } from "@stride/experiment";
import { type Admission, createAdmission } from "./admission.js";
import { type AttemptOutcome, runAttempt } from "./attempt.js";
import { memoryJudge } from "./memory-judge.js";
import type { Trainer } from "./trainer.js";
import { trainerPool } from "./trainer-pool.js";
import type { Reporter, Work } from "./work-reports.js";
import type { WorkerLog } from "./worker-log.js";

export interface WorkerOptions {
  readonly queue: TrialQueue;
  readonly reporter: Reporter;
  readonly createTrainer: () => Trainer;
  readonly workerId: string;
  readonly executor: string;
  readonly slots: number;
  /** Who may train at a time; left out: as many as there are slots, whatever memory they take. */
  readonly admission?: Admission;
  /** Bytes that a piece of work takes on the device; left out: none. */
  readonly memoryOf?: (work: Work) => number;
  readonly heartbeatMs: number;
  /** How long a worker that is asked to go waits for an answer to what it hands back, in milliseconds. */
  readonly leaveGraceMs: number;
  /** How long it goes on with what it has when it is asked to go, before it hands that back, in milliseconds; 0 when left out. */
  readonly drainMs?: number;
  /** Kept up to date for whoever tells of this worker. */
  readonly activity?: WorkerActivity;
  readonly log: WorkerLog;
  /** Aborted when the worker is asked to go. */
  readonly signal: AbortSignal;
  /** Aborted when it shall not wait for the end of what it drains. */
  readonly hurry?: AbortSignal;
}

/** What a worker does at this moment. */
export interface WorkerActivity {
  /** Cohorts in hand. */
  busy: number;
  state: Exclude<WorkerState, "gone">;
}

/** Thrown to the queue to have a cohort delivered again. */
export class DeliverAgain extends Error {
  override readonly name = "DeliverAgain";
}

/**
 * Takes cohorts from the queue, `slots` at a time, one trainer each, until `signal` is aborted; then takes nothing new, goes on for
 * `drainMs` with what it has, and hands back the rest. Those that there is no room for wait before their attempt is opened, one at a
 * time; more are left to others. It resolves once nothing trains any more; what could not be handed back by then is given up when queue
 * and reporter are closed.
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { queue, log, signal, drainMs = 0, activity = { busy: 0, state: "working" } } = options;
  const { admission = createAdmission(options), memoryOf = () => 0 } = options;
  const handBack = new AbortController();
  const trainers = trainerPool(options.createTrainer);
  setMaxListeners(0, handBack.signal); // One a slot.

  async function handle(work: Work): Promise<void> {
    const ticket = await admission.admit(memoryOf(work), signal);
    if (ticket === undefined) throw new DeliverAgain("there is no room for it here now");
    const trainer = trainers.take();
    const judge = memoryJudge({ ticket, admission, log });
    let outcome: AttemptOutcome | undefined;
    activity.busy += 1;
    try {
      outcome = await runAttempt({ ...options, work, trainer, judge: judge.verdict, signal: handBack.signal });
    } finally {
      // An idle trainer holds memory, too: those that are too many are gone before somebody else is let in.
      await trainers.giveBack(trainer, {
        healthy: !judge.outOfMemory,
        most: admission.waiting > 0 ? admission.running : admission.limit,
      });
      activity.busy -= 1;
      ticket.release(outcome?.kind === "finished");
    }
    if (outcome.kind === "redeliver") throw new DeliverAgain(outcome.because);
  }

  const consumer = await queue.consume({
    slots: options.slots,
    handle,
    onError: (error) => log.warn({ error: error.message }, "queue"),
  });
  let limit = admission.limit;
  const follow = (): void => {
    consumer.setSlots(admission.wanted);
    if (admission.limit > limit) log.info({ concurrency: admission.limit }, "one more at a time is tried again");
    limit = admission.limit;
  };
  admission.onChange(follow);
  follow();
  try {
    await aborted(signal);
  } finally {
    activity.state = "draining";
    const drained = consumer[Symbol.asyncDispose]();
    if (drainMs > 0) {
      log.info({ busy: activity.busy, drainMs }, "worker draining");
      await settledWithin(Promise.race([drained, aborted(options.hurry)]), drainMs);
    }
    handBack.abort();
    await settledWithin(drained, options.leaveGraceMs);
    await trainers[Symbol.asyncDispose]();
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return new Promise(() => undefined);
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

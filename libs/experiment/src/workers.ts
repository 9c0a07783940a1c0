/** What an executor computes on, besides the processor. */
export interface WorkerDevice {
  readonly index: number;
  /** Such as "cuda" or "webgpu". */
  readonly kind: string;
  readonly name: string;
  /** Megabytes, where it is known. */
  readonly memoryMb?: number;
  readonly driver?: string;
}

export const workerStates = ["working", "draining", "gone"] as const;
/** `draining` takes nothing new; `gone` is a worker's last word. */
export type WorkerState = (typeof workerStates)[number];

/** What a worker tells of itself. */
export interface WorkerNode {
  readonly workerId: string;
  /** Of Stride. */
  readonly version: string;
  readonly executor: string;
  /** Cohorts that it may train at the same time, at least 1. */
  readonly slots: number;
  /** Cohorts that it takes at the same time now, 1 to slots: fewer after it ran out of memory. */
  readonly concurrency: number;
  /** Cohorts that it trains at this moment. */
  readonly busy: number;
  readonly state: WorkerState;
  readonly devices: readonly WorkerDevice[];
}

/** A worker as it is listed. */
export interface WorkerRow extends WorkerNode {
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

/** Where workers tell of themselves, before their first attempt and every few seconds. */
export interface WorkerReporter {
  announce(worker: WorkerNode): Promise<void>;
}

export interface WorkerStore extends WorkerReporter {
  /** Every worker heard of in the last `withinMs` milliseconds, by id. */
  workers(options: { readonly withinMs: number }): Promise<readonly WorkerRow[]>;
}

/** A worker announces itself this often, in milliseconds. */
export const announceEveryMs = 10_000;
/** A worker not heard of for this long, in milliseconds, is taken for lost. */
export const workerLostMs = 3 * announceEveryMs;

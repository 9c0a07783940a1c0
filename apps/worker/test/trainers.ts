import type { Cohort, TrainingReport } from "@stride/experiment";
import { sampleReport, sampleResults } from "@stride/experiment/contracts";
import type { Trainer } from "../src/trainer.js";

/** How a cohort is trained. */
export type Reports = (cohort: Cohort, signal: AbortSignal) => AsyncGenerator<TrainingReport>;

/** What a trainer tells of a cohort. */
export async function* reportsBy(trainer: Trainer, cohort: Cohort, signal: AbortSignal): ReturnType<Reports> {
  for await (const message of trainer.messages({ kind: "train", cohort }, signal)) {
    if (message.kind === "report") yield message.report;
  }
}

/** The steps `from` to `to` (exclusive) of a sample cohort; with results when they are the last ones. */
export function sampleTraining(cohort: Cohort, { from, to }: { from: number; to: number }): TrainingReport {
  const { step, chunks, evaluations } = sampleReport(cohort, { cohortId: cohort.cohortId, token: 0, from, to });
  const last = to === cohort.trials[0]?.steps;
  return { step, chunks, evaluations, ...(last ? { results: sampleResults(cohort) } : {}) };
}

/** A trainer inside this process that counts what it is asked for and whether it is let go. */
export interface MemoryTrainer extends Trainer {
  readonly started: number;
  readonly training: number;
  readonly disposed: boolean;
}

/** `reports` decides what training is; left out, it trains a sample cohort in four reports. */
export function memoryTrainer(reports: Reports = inFourReports): MemoryTrainer {
  let started = 0;
  let training = 0;
  let disposed = false;
  return {
    get started() {
      return started;
    },
    get training() {
      return training;
    },
    get disposed() {
      return disposed;
    },
    async *messages(request, signal) {
      if (request.kind !== "train") throw new Error(`this trainer does not ${request.kind}`);
      started += 1;
      training += 1;
      try {
        for await (const report of reports(request.cohort, signal)) yield { kind: "report", report };
      } finally {
        training -= 1;
      }
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
    },
  };
}

export async function* inFourReports(cohort: Cohort, signal: AbortSignal): AsyncGenerator<TrainingReport> {
  const quarter = (cohort.trials[0]?.steps ?? 0) / 4;
  for (let from = 0; from < 4 * quarter; from += quarter) {
    if (signal.aborted) return;
    yield sampleTraining(cohort, { from, to: from + quarter });
  }
}

/** Trains one quarter and goes on without end until it is stopped. */
export async function* untilStopped(cohort: Cohort, signal: AbortSignal): AsyncGenerator<TrainingReport> {
  yield sampleTraining(cohort, { from: 0, to: 10 });
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

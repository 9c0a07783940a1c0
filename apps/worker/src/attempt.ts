import type { Answer, AttemptKey, Cohort, TrialReporter, TrialResult } from "@stride/experiment";
import { createReportSender } from "./report-sender.js";
import type { Trainer } from "./trainer.js";

/** How a cohort left this worker; only `redeliver` goes back to the queue. */
export type AttemptOutcome =
  | { readonly kind: "finished" }
  | { readonly kind: "dropped"; readonly because: "superseded" | "cancelled" | "paused" | "failed" }
  | { readonly kind: "redeliver"; readonly because: string };

export interface AttemptOptions {
  readonly cohort: Cohort;
  readonly reporter: TrialReporter;
  readonly trainer: Trainer;
  readonly workerId: string;
  readonly executor: string;
  /** A report is sent at least this often, if only as a heartbeat, in milliseconds. */
  readonly heartbeatMs: number;
  /** Aborted when this worker is asked to go: the cohort is handed back. */
  readonly signal: AbortSignal;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Trains one cohort and reports it: opens an attempt, sends batches no faster than they are answered, and ends it with results.
 * A training failure is recorded and asks for redelivery; an unreachable coordinator rejects, and the queue delivers again.
 */
export async function runAttempt(options: AttemptOptions): Promise<AttemptOutcome> {
  const { cohort, reporter, trainer, signal } = options;
  const start = await reporter.startAttempt({
    cohortId: cohort.cohortId,
    workerId: options.workerId,
    executor: options.executor,
  });
  if (start.kind !== "continue") return dropped(start);
  const key: AttemptKey = { cohortId: cohort.cohortId, token: start.token };
  if (signal.aborted) return handBack(reporter, key);

  const training = new AbortController();
  const onLeave = (): void => training.abort();
  signal.addEventListener("abort", onLeave, { once: true });
  const sender = createReportSender({
    reporter,
    key,
    heartbeatMs: options.heartbeatMs,
    onStop: () => training.abort(),
  });
  let results: readonly TrialResult[] | undefined;
  try {
    for await (const report of trainer.reports(cohort, training.signal)) {
      await sender.add(report);
      results = report.results ?? results;
    }
  } catch (error) {
    await sender.close();
    const answer = await reporter.abandonAttempt({ ...key, end: "failed", message: describe(error) });
    return answer.kind === "continue" ? { kind: "redeliver", because: describe(error) } : dropped(answer);
  } finally {
    signal.removeEventListener("abort", onLeave);
  }
  const answer = await sender.close();
  if (answer.kind !== "continue") return dropped(answer);
  if (results === undefined) return handBack(reporter, key);
  const finished = await reporter.finishAttempt({ ...key, results });
  return finished.kind === "continue" ? { kind: "finished" } : dropped(finished);
}

function dropped(answer: Exclude<Answer, { kind: "continue" }>): AttemptOutcome {
  return { kind: "dropped", because: answer.kind === "stop" ? answer.reason : "superseded" };
}

async function handBack(reporter: TrialReporter, key: AttemptKey): Promise<AttemptOutcome> {
  const answer = await reporter.abandonAttempt({ ...key, end: "handed-back", message: "the worker was asked to stop" });
  return answer.kind === "continue" ? { kind: "redeliver", because: "handed back" } : dropped(answer);
}

import type { Answer, AttemptKey } from "@stride/experiment";
import { inSpan } from "@stride/telemetry";
import { createReportSender } from "./report-sender.js";
import type { Trainer } from "./trainer.js";
import { type Reporter, reportsOf, sizeOf, type Work } from "./work-reports.js";
import type { WorkerLog } from "./worker-log.js";

/** How a cohort left this worker; only `redeliver` goes back to the queue. */
export type AttemptOutcome =
  | { readonly kind: "finished" }
  | { readonly kind: "dropped"; readonly because: "superseded" | "cancelled" | "paused" | "failed" }
  | { readonly kind: "redeliver"; readonly because: string };

export interface AttemptOptions {
  readonly work: Work;
  readonly reporter: Reporter;
  readonly trainer: Trainer;
  readonly workerId: string;
  readonly executor: string;
  /** A report is sent at least this often, if only as a heartbeat, in milliseconds. */
  readonly heartbeatMs: number;
  readonly log: WorkerLog;
  /** Aborted when this worker is asked to go: the cohort is handed back. */
  readonly signal: AbortSignal;
  /** How an attempt ends whose training failed, and what is said of it; left out: as failed, with what the training said. */
  readonly judge?: (failure: string) => Verdict;
}

/** `handed-back` counts for nothing, `failed` as one of the cohort's attempts. */
export interface Verdict {
  readonly end: "failed" | "handed-back";
  readonly message: string;
}

/**
 * Does one piece of work and reports it: opens an attempt, sends batches no faster than they are answered, and ends it with results.
 * A training failure is recorded and asks for redelivery; an unreachable coordinator rejects, and the queue delivers again.
 * Either way the training has stopped by then. All of it is one span, of the trace that the work came with.
 */
export async function runAttempt(options: AttemptOptions): Promise<AttemptOutcome> {
  const { work, workerId, executor } = options;
  const attributes = {
    "stride.study": work.studyName,
    "stride.cohort": work.cohortId,
    "stride.executor": executor,
    "stride.worker": workerId,
  };
  return inSpan("attempt", { kind: "consumer", attributes }, async (span) => {
    const outcome = await loggedAttempt(options, (token) => span.set({ "stride.attempt": token }));
    const { kind } = outcome;
    span.set({ "stride.outcome": kind, ...(kind === "finished" ? {} : { "stride.because": outcome.because }) });
    if (hasFailed(outcome)) span.fail(kind === "redeliver" ? outcome.because : "its attempts are used up");
    return outcome;
  });
}

/** What is handed back has not. */
function hasFailed(outcome: AttemptOutcome): boolean {
  if (outcome.kind === "redeliver") return outcome !== handedBack;
  return outcome.kind === "dropped" && outcome.because === "failed";
}

/** Every log line names the study, the cohort and, once there is one, the attempt. */
async function loggedAttempt(options: AttemptOptions, onStart: (token: number) => void): Promise<AttemptOutcome> {
  const { work, log } = options;
  let attempt: number | undefined;
  const fields = () => ({ study: work.studyName, cohort: work.cohortId, ...sizeOf(work), attempt });
  try {
    const outcome = await attemptOf(options, (token) => {
      attempt = token;
      onStart(token);
      log.info(fields(), "attempt started");
    });
    const write = outcome.kind === "redeliver" ? log.warn : log.info;
    write.call(log, { ...fields(), ...outcome }, "attempt ended");
    return outcome;
  } catch (error) {
    log.warn({ ...fields(), error: describe(error) }, "attempt lost");
    throw error;
  }
}

async function attemptOf(options: AttemptOptions, onStart: (token: number) => void): Promise<AttemptOutcome> {
  const { work, reporter, workerId, executor, signal } = options;
  const { cohortId } = work;
  if (signal.aborted) return handedBack;
  const start = await reporter.startAttempt({ cohortId, workerId, executor });
  if (start.kind !== "continue") return dropped(start);
  const key: AttemptKey = { cohortId, token: start.token };
  onStart(start.token);

  const training = await trainAndReport(options, key);
  switch (training.kind) {
    case "told":
      return dropped(training.answer);
    case "trained": {
      const answer = await training.finish();
      return answer.kind === "continue" ? { kind: "finished" } : dropped(answer);
    }
    case "interrupted": {
      const answer = await reporter.abandonAttempt({
        ...key,
        end: "handed-back",
        message: "the worker was asked to go",
      });
      return answer.kind === "continue" ? handedBack : dropped(answer);
    }
    case "failed": {
      const { judge = asFailed } = options;
      const { end, message } = judge(training.message);
      const answer = await reporter.abandonAttempt({ ...key, end, message }).catch(unreported(message));
      return answer.kind === "continue" ? { kind: "redeliver", because: message } : dropped(answer);
    }
  }
}

type Training =
  | { readonly kind: "trained"; readonly finish: () => Promise<Answer> }
  | { readonly kind: "told"; readonly answer: Exclude<Answer, { kind: "continue" }> }
  | { readonly kind: "interrupted" }
  | { readonly kind: "failed"; readonly message: string };

async function trainAndReport(options: AttemptOptions, key: AttemptKey): Promise<Training> {
  const { work, reporter, trainer, heartbeatMs, signal } = options;
  const stop = new AbortController();
  const onStop = (): void => stop.abort();
  if (signal.aborted) onStop();
  signal.addEventListener("abort", onStop, { once: true });
  const sender = createReportSender({ reporter, key, heartbeatMs, onStop });
  let finish: (() => Promise<Answer>) | undefined;
  let failure: string | undefined;
  try {
    for await (const report of reportsOf(work, { trainer, reporter, key, signal: stop.signal })) {
      await sender.add(report);
      finish = report.finish ?? finish;
    }
    if (!stop.signal.aborted) failure = "the training ended without results";
  } catch (error) {
    failure = describe(error);
  } finally {
    signal.removeEventListener("abort", onStop);
  }
  const answer = await (failure === undefined || finish !== undefined
    ? sender.close()
    : sender.close().catch(unreported(failure)));
  if (answer.kind !== "continue") return { kind: "told", answer };
  if (finish !== undefined) return { kind: "trained", finish };
  return failure === undefined ? { kind: "interrupted" } : { kind: "failed", message: failure };
}

const asFailed = (message: string): Verdict => ({ end: "failed", message });
const handedBack: AttemptOutcome = { kind: "redeliver", because: "handed back" };

function dropped(answer: Exclude<Answer, { kind: "continue" }>): AttemptOutcome {
  return { kind: "dropped", because: answer.kind === "stop" ? answer.reason : "superseded" };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Says both when a failure cannot be reported: the queue delivers again, and the log keeps why the training failed. */
function unreported(failure: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`the training failed (${failure}), which could not be reported: ${describe(error)}`, {
      cause: error,
    });
  };
}

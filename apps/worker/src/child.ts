/** The training child: takes one cohort at a time from its parent, trains it and sends its reports. Exits with its parent. */
import { createExecutor, type Executor } from "@stride/compile";
import { InvalidArgument } from "@stride/experiment";
import { train } from "@stride/training";
import { type FromChild, reportsInFlight, type ToChild } from "./messages.js";

type Train = Extract<ToChild, { kind: "train" }>;

let executor: Promise<Executor> | undefined;
let stop: AbortController | undefined;
let inFlight = 0;
let wake: (() => void) | undefined;

function send(message: FromChild): void {
  process.send?.(message);
}

async function sendReport(message: FromChild): Promise<void> {
  while (inFlight >= reportsInFlight) await new Promise<void>((resolve) => (wake = resolve));
  inFlight += 1;
  send(message);
}

async function trainCohort(request: Train): Promise<void> {
  stop = new AbortController();
  inFlight = 0;
  try {
    executor ??= createExecutor(request.executor, { threads: request.threads });
    for await (const report of train({ cohort: request.cohort, executor: await executor, signal: stop.signal })) {
      await sendReport({ kind: "report", report });
    }
    send({ kind: stop.signal.aborted ? "stopped" : "ended" });
  } catch (error) {
    if (stop.signal.aborted) return send({ kind: "stopped" });
    const message = error instanceof Error ? error.message : String(error);
    send({ kind: "failed", message, retryable: !(error instanceof InvalidArgument) });
  }
}

process.on("message", (message: ToChild) => {
  switch (message.kind) {
    case "train":
      void trainCohort(message);
      break;
    case "stop":
      stop?.abort();
      break;
    case "taken":
      inFlight -= 1;
      wake?.();
      wake = undefined;
      break;
  }
});
// The parent decides when a child goes: a terminal's Ctrl-C reaches the whole process group.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(0));
send({ kind: "ready" });

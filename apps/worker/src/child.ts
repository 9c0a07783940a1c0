/** The training child: takes one cohort at a time from its parent, trains it and sends its reports. Exits with its parent. */
import { createExecutor, type Executor } from "@stride/compile";
import { train } from "@stride/training";
import { type FromChild, reportsInFlight, type ToChild } from "./messages.js";

type Train = Extract<ToChild, { kind: "train" }>;

let executor: Promise<Executor> | undefined;
let stop = new AbortController();
let inFlight = 0;
let wake: (() => void) | undefined;

function send(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

async function sendReport(message: FromChild): Promise<void> {
  while (inFlight >= reportsInFlight && !stop.signal.aborted) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  inFlight += 1;
  send(message);
}

async function trainCohort(request: Train): Promise<void> {
  stop = new AbortController();
  inFlight = 0;
  const { signal } = stop;
  try {
    executor ??= createExecutor(request.executor, { threads: request.threads });
    for await (const report of train({ cohort: request.cohort, executor: await executor, signal })) {
      await sendReport({ kind: "report", report });
    }
    send({ kind: signal.aborted ? "stopped" : "ended" });
  } catch (error) {
    if (signal.aborted) return send({ kind: "stopped" });
    send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

process.on("message", (message: ToChild) => {
  switch (message.kind) {
    case "train":
      void trainCohort(message);
      break;
    case "stop":
      stop.abort();
      wake?.();
      break;
    case "taken":
      inFlight -= 1;
      wake?.();
      break;
  }
});
// The parent decides when a child goes: a terminal's Ctrl-C reaches the whole process group.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("disconnect", () => process.exit(0));

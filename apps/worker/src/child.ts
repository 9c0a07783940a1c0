/** The training child: takes one request at a time from its parent, works on it and sends its reports. Exits with its parent. */
import { learn, runEpisodes } from "@stride/agents";
import { createExecutor, type Executor } from "@stride/compile";
import { train } from "@stride/training";
import { type FromChild, reportsInFlight, type ToChild, type WorkMessage } from "./messages.js";

type Asked = Extract<ToChild, { readonly executor: unknown }>;

let executor: Promise<Executor> | undefined;
let stop = new AbortController();
let inFlight = 0;
let wake: (() => void) | undefined;

function send(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

async function sendInTurn(message: WorkMessage): Promise<void> {
  while (inFlight >= reportsInFlight && !stop.signal.aborted) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  inFlight += 1;
  send(message);
}

async function work(asked: Asked): Promise<void> {
  stop = new AbortController();
  inFlight = 0;
  const { signal } = stop;
  try {
    executor ??= createExecutor(asked.executor, { threads: asked.threads });
    for await (const message of messagesOf(asked, await executor, signal)) await sendInTurn(message);
    send({ kind: signal.aborted ? "stopped" : "ended" });
  } catch (error) {
    if (signal.aborted) return send({ kind: "stopped" });
    send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

async function* messagesOf(asked: Asked, executor: Executor, signal: AbortSignal): AsyncGenerator<WorkMessage> {
  switch (asked.kind) {
    case "train":
      for await (const report of train({ cohort: asked.cohort, executor, signal })) yield { kind: "report", report };
      return;
    case "live": {
      const run = runEpisodes({ batch: asked.batch, executor, signal });
      let turn = await run.next();
      for (; !turn.done; turn = await run.next()) {
        yield { kind: "report", report: { step: turn.value.step, chunks: [], evaluations: [] } };
      }
      if (!signal.aborted) yield { kind: "lived", episodes: turn.value };
      return;
    }
    case "learn": {
      const startedAt = performance.now();
      const { policy, statistics } = await learn({ update: asked.update, episodes: asked.episodes, executor });
      const seconds = (performance.now() - startedAt) / 1000;
      yield { kind: "learned", policy, statistics: { ...statistics, seconds } };
    }
  }
}

process.on("message", (message: ToChild) => {
  switch (message.kind) {
    case "train":
    case "live":
    case "learn":
      void work(message);
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

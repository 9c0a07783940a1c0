import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ExecutorName } from "@stride/compile/spec";
import type { Cohort, TrainingReport } from "@stride/experiment";
import type { FromChild, ToChild } from "./messages.js";

/** Thrown when a training child ended without results: it crashed, was killed, or could not train the cohort. */
export class TrainingFailed extends Error {
  override readonly name = "TrainingFailed";
}

/** Trains cohorts somewhere out of the way; `reports` ends after the last one, or early once `signal` is aborted. */
export interface Trainer extends AsyncDisposable {
  reports(cohort: Cohort, signal: AbortSignal): AsyncGenerator<TrainingReport>;
}

export interface ChildTrainerOptions {
  readonly executor: ExecutorName;
  readonly threads: number;
  /** The child's script; the training child beside this file unless a test gives another. */
  readonly script?: string;
  /** How long a stopped child may take to end its segment before it is killed, in milliseconds. */
  readonly stopGraceMs?: number;
}

/** A trainer that keeps one child process alive over many cohorts and starts a new one when it died. */
export function createChildTrainer(options: ChildTrainerOptions): Trainer {
  const script = options.script ?? fileURLToPath(new URL("./child.js", import.meta.url));
  const stopGraceMs = options.stopGraceMs ?? 3_000;
  let child: ChildProcess | undefined;

  function start(): ChildProcess {
    const started = fork(script, [], { serialization: "advanced", stdio: ["ignore", "inherit", "inherit", "ipc"] });
    started.once("exit", () => {
      if (child === started) child = undefined;
    });
    return started;
  }

  async function* reports(cohort: Cohort, signal: AbortSignal): AsyncGenerator<TrainingReport> {
    child ??= start();
    const current = child;
    const inbox: FromChild[] = [];
    let wake: (() => void) | undefined;
    let exit: string | undefined;
    const push = (message: FromChild): void => {
      inbox.push(message);
      wake?.();
    };
    const onExit = (code: number | null, by: NodeJS.Signals | null): void => {
      exit = by === null ? `exit code ${code}` : by;
      wake?.();
    };
    let quiet = false;
    let grace: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      if (current.connected) current.send({ kind: "stop" } satisfies ToChild);
      grace = setTimeout(() => current.kill("SIGKILL"), stopGraceMs);
    };
    current.on("message", push);
    current.on("exit", onExit);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      if (signal.aborted) {
        quiet = true;
        return;
      }
      current.send({ kind: "train", cohort, executor: options.executor, threads: options.threads } satisfies ToChild);
      while (true) {
        const message = inbox.shift();
        if (message === undefined) {
          if (exit !== undefined) {
            if (signal.aborted) return;
            throw new TrainingFailed(`the training process ended (${exit})`);
          }
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        switch (message.kind) {
          case "report":
            if (current.connected) current.send({ kind: "taken" } satisfies ToChild);
            yield message.report;
            break;
          case "failed":
            quiet = true;
            throw new TrainingFailed(message.message);
          case "ended":
          case "stopped":
            quiet = true;
            return;
          case "ready":
            break;
        }
      }
    } finally {
      clearTimeout(grace);
      current.off("message", push);
      current.off("exit", onExit);
      signal.removeEventListener("abort", onAbort);
      // Whoever stops listening early leaves a child in the middle of a cohort: a new one is cheaper than waiting.
      if (!quiet) current.kill("SIGKILL");
      if (!quiet && child === current) child = undefined;
    }
  }

  return {
    reports,
    async [Symbol.asyncDispose]() {
      const last = child;
      child = undefined;
      if (last === undefined || last.exitCode !== null || last.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => last.once("exit", () => resolve()));
      if (last.connected) last.disconnect();
      const timer = setTimeout(() => last.kill("SIGKILL"), stopGraceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

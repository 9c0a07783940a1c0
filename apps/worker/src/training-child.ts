import { fork, type StdioOptions } from "node:child_process";
import type { FromChild, ToChild } from "./messages.js";
import { withoutSecrets } from "./without-secrets.js";

/** Follows a child's last message: how it ended. */
export interface Gone {
  readonly kind: "gone";
  readonly how: string;
}

/** A child process that trains, with its messages in order. */
export interface TrainingChild {
  /** False once it died, was killed or hung up: it takes no more cohorts. */
  readonly usable: boolean;
  /** Resolves when it is no more. */
  readonly gone: Promise<void>;
  /** A child that died meanwhile does not get it; `next` tells. */
  send(message: ToChild): void;
  next(): Promise<FromChild | Gone>;
  kill(): void;
  /** Asks it to go by hanging up, and kills it when it stays longer than this. */
  leave(graceMs: number): Promise<void>;
}

export function startTrainingChild(script: string): TrainingChild {
  // Its prints go to the error stream: the output stream carries the worker's log lines alone.
  const stdio: StdioOptions = ["ignore", 2, "inherit", "ipc"];
  const child = fork(script, [], {
    env: withoutSecrets(process.env),
    serialization: "advanced",
    stdio,
    execArgv: [],
  });
  const inbox: FromChild[] = [];
  let exit: string | undefined;
  let ending: string | undefined;
  let wake: (() => void) | undefined;

  child.on("message", (message: FromChild) => {
    inbox.push(message);
    wake?.();
  });
  let resolveGone: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    resolveGone = resolve;
  });
  const end = (how: string): void => {
    ending ??= how;
    wake?.();
    resolveGone();
  };
  /** "exit" may come before the last messages; "disconnect" and "close" may never come once this side hung up. */
  const endWhenDrained = (): void => {
    if (exit !== undefined && !child.connected) end(exit);
  };
  child.once("exit", (code, signal) => {
    exit = signal ?? `exit code ${code}`;
    endWhenDrained();
  });
  child.once("disconnect", () => endWhenDrained());
  child.on("error", (error) => {
    if (child.pid === undefined) end(error.message);
  });
  const kill = (): void => {
    child.kill("SIGKILL");
  };

  return {
    get usable() {
      return ending === undefined && child.connected && !child.killed;
    },
    gone,
    send(message) {
      if (child.connected) child.send(message, () => undefined);
    },
    async next() {
      while (true) {
        const message = inbox.shift();
        if (message !== undefined) return message;
        if (ending !== undefined) return { kind: "gone", how: ending };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    kill,
    async leave(graceMs) {
      if (child.connected) child.disconnect();
      endWhenDrained();
      const timer = setTimeout(kill, graceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

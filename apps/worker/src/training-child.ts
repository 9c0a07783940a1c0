import { fork } from "node:child_process";
import type { FromChild, ToChild } from "./messages.js";

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
  const child = fork(script, [], { serialization: "advanced", stdio: ["ignore", 2, "inherit", "ipc"] });
  const inbox: FromChild[] = [];
  let ending: string | undefined;
  let wake: (() => void) | undefined;

  child.on("message", (message: FromChild) => {
    inbox.push(message);
    wake?.();
  });
  const gone = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      ending ??= how;
      wake?.();
      resolve();
    };
    // Not "exit" while there is a channel, which may still hold messages; but "close" never comes after we hung up ourselves.
    for (const event of ["exit", "close"] as const) {
      child.once(event, (code, signal) => {
        if (event === "close" || !child.connected) end(signal ?? `exit code ${code}`);
      });
    }
    child.on("error", (error) => {
      if (child.pid === undefined) end(error.message);
    });
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
      const timer = setTimeout(kill, graceMs);
      await gone;
      clearTimeout(timer);
    },
  };
}

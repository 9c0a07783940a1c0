import { fork, type StdioOptions } from "node:child_process";
import type { Readable } from "node:stream";
import { outOfMemoryCry } from "./memory-errors.js";
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
  // Its prints go to the error stream: the output stream carries the worker's log lines alone. What it writes there is passed on and
  // its end kept, as a process that runs out of memory tells nobody else why it aborts.
  const stdio: StdioOptions = ["ignore", 2, "pipe", "ipc"];
  const child = fork(script, [], {
    env: withoutSecrets(process.env),
    serialization: "advanced",
    stdio,
    execArgv: [],
  });
  const lastWords = passOn(child.stderr);
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
    if (exit !== undefined && !child.connected) void lastWords.ended.then(() => end(exitWith(lastWords.text())));
  };
  const exitWith = (words: string): string => {
    const cry = exit === "SIGABRT" ? outOfMemoryCry(words) : undefined;
    return cry === undefined ? String(exit) : `${exit}: ${cry}`;
  };
  child.once("exit", (code, signal) => {
    exit = signal ?? `exit code ${code}`;
    lastWords.expectEnd();
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

/** Characters of an error stream that are kept. */
const kept = 20_000;
/** How long after its exit a process that left the stream to others is waited for, in milliseconds. */
const endGraceMs = 1_000;

/** Passes an error stream on to our own, and keeps its end. */
function passOn(stream: Readable | null) {
  let words = "";
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  stream?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-kept);
    process.stderr.write(text);
  });
  stream?.once("close", end);
  if (stream === null) end();
  return {
    ended,
    text: () => words,
    expectEnd() {
      const timer = setTimeout(end, endGraceMs);
      void ended.then(() => clearTimeout(timer));
    },
  };
}

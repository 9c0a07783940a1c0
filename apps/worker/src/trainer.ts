import { fileURLToPath } from "node:url";
import type { ExecutorName } from "@stride/compile/spec";
import { type Cohort, carriedTexts } from "@stride/experiment";
import type { Request, WorkMessage } from "./messages.js";
import { oomKills as countOomKills } from "./oom-kills.js";
import { startTrainingChild, type TrainingChild } from "./training-child.js";

/** Thrown when a training child ended without results: it crashed, was killed, or could not train the cohort. */
export class TrainingFailed extends Error {
  override readonly name = "TrainingFailed";
}

/** Trains, lives episodes and learns somewhere out of the way, one request at a time. */
export interface Trainer extends AsyncDisposable {
  /** Ends after the last message, or early once `signal` is aborted. Whoever stops listening stops the work. */
  messages(request: Request, signal: AbortSignal): AsyncGenerator<WorkMessage>;
}

export interface ChildTrainerOptions {
  readonly executor: ExecutorName;
  readonly threads: number;
  /** False: a cohort that carries users' modules fails. Policies are data, and may always come. */
  readonly allowModules?: boolean;
  /** The child's script; the training child beside this file unless a test gives another. */
  readonly script?: string;
  /** How many processes the machine has killed for want of memory so far; undefined where nobody counts. */
  readonly oomKills?: () => number | undefined;
  /** How long a stopped child may take to end its segment before it is killed, in milliseconds. */
  readonly stopGraceMs?: number;
}

/** A trainer that keeps one child process alive over many cohorts and starts a new one when it died or failed. */
export function createChildTrainer(options: ChildTrainerOptions): Trainer {
  const { executor, threads, stopGraceMs = 3_000, oomKills = countOomKills } = options;
  const script = options.script ?? fileURLToPath(new URL("./child.js", import.meta.url));
  /** Those not gone yet: the one in use, and killed ones on their way out. */
  const living = new Set<TrainingChild>();
  let idle: TrainingChild | undefined;

  function take(): TrainingChild {
    const kept = idle;
    idle = undefined;
    if (kept?.usable === true) return kept;
    kept?.kill();
    const started = startTrainingChild(script);
    living.add(started);
    void started.gone.then(() => living.delete(started));
    return started;
  }

  async function* messages(request: Request, signal: AbortSignal): AsyncGenerator<WorkMessage> {
    if (signal.aborted) return;
    if (request.kind === "train") requireModulesAllowed(request.cohort);
    const child = take();
    const killsBefore = oomKills();
    let done = false;
    let grace: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      child.send({ kind: "stop" });
      grace = setTimeout(child.kill, stopGraceMs);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      child.send({ ...request, executor, threads });
      while (true) {
        const message = await child.next();
        switch (message.kind) {
          case "report":
          case "lived":
          case "learned":
            child.send({ kind: "taken" });
            yield message;
            break;
          case "ended":
          case "stopped":
            done = true;
            return;
          case "failed":
            throw new TrainingFailed(message.message);
          case "gone":
            if (signal.aborted) return;
            throw new TrainingFailed(endOf(message.how, killsBefore, oomKills()));
        }
      }
    } finally {
      clearTimeout(grace);
      signal.removeEventListener("abort", onAbort);
      // In the middle of its work a new child is cheaper than waiting; after a failure nobody knows what state it is in.
      if (done) idle = child;
      else child.kill();
    }
  }

  function requireModulesAllowed(cohort: Cohort): void {
    if (options.allowModules === false && Object.keys(carriedTexts(cohort).code).length > 0) {
      throw new TrainingFailed("it needs a module of its author, and this worker runs none (STRIDE_ALLOW_MODULES=0)");
    }
  }

  return {
    messages,
    async [Symbol.asyncDispose]() {
      idle = undefined;
      await Promise.all([...living].map((child) => child.leave(stopGraceMs)));
    },
  };
}

/** Nobody here kills a child that was not told to stop: where the kernel killed one meanwhile for want of memory, it was this. */
function endOf(how: string, killsBefore: number | undefined, kills: number | undefined): string {
  const forMemory = how === "SIGKILL" && killsBefore !== undefined && kills !== undefined && kills > killsBefore;
  return `the training process ended (${how}${forMemory ? ", when the machine was out of memory" : ""})`;
}

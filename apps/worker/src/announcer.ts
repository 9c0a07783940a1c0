import { announceEveryMs, type WorkerNode, type WorkerReporter } from "@stride/experiment";
import { ProtocolMismatch, Unauthenticated } from "@stride/rpc";
import type { WorkerLog } from "./worker-log.js";

export interface AnnouncerOptions {
  readonly reporter: WorkerReporter;
  /** What there is to tell at this moment. */
  readonly describe: () => WorkerNode;
  /** Milliseconds between two announcements; `announceEveryMs` when left out. */
  readonly everyMs?: number;
  readonly log: WorkerLog;
  /** Called when the coordinator is now one that does not understand this worker, or has refused its token a few times in a row. */
  onRefused(error: ProtocolMismatch | Unauthenticated): void;
}

export interface Announcer extends AsyncDisposable {
  /** Tells at once, and not only when it is time again. */
  now(): void;
}

/**
 * Announces a worker, waiting for the first answer, and again every few seconds; disposing it says that the worker is gone. Rejects as the
 * reporter does when the first one fails; later failures are logged, for the next one may succeed.
 */
export async function startAnnouncer(options: AnnouncerOptions): Promise<Announcer> {
  const { reporter, describe, everyMs = announceEveryMs, log } = options;
  await reporter.announce(describe());
  let telling = false;
  let refusals = 0;

  async function tell(): Promise<void> {
    telling = true;
    try {
      await reporter.announce(describe());
      refusals = 0;
    } catch (error) {
      refusals = error instanceof Unauthenticated ? refusals + 1 : 0;
      if (error instanceof ProtocolMismatch) options.onRefused(error);
      else if (error instanceof Unauthenticated && refusals >= mostRefusals) options.onRefused(error);
      else log.warn({ error: error instanceof Error ? error.message : String(error) }, "not announced");
    } finally {
      telling = false;
    }
  }
  const now = (): void => {
    if (!telling) void tell();
  };
  const timer = setInterval(now, everyMs);
  return {
    now,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      const last = reporter.announce({ ...describe(), state: "gone" }).catch(() => undefined);
      await Promise.race([last, new Promise((resolve) => setTimeout(resolve, lastWordMs).unref())]);
    },
  };
}

/** While tokens are changed one may be refused for a moment. */
const mostRefusals = 6;
/** A worker that goes waits no longer than this to have said so, in milliseconds. */
const lastWordMs = 1_000;

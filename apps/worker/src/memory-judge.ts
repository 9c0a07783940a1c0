import type { Admission, Ticket } from "./admission.js";
import type { Verdict } from "./attempt.js";
import { isOutOfMemory, outOfMemoryAlone } from "./memory-errors.js";
import type { WorkerLog } from "./worker-log.js";

export interface MemoryJudge {
  verdict(failure: string): Verdict;
  /** Whether the memory ran out: nobody knows what the trainer holds. */
  readonly outOfMemory: boolean;
}

/**
 * Tells work that found too little memory because it was not alone, which is handed back while fewer work at a time from then on,
 * from work that is too large for this worker, which fails.
 */
export function memoryJudge({
  ticket,
  admission,
  log,
}: {
  readonly ticket: Ticket;
  readonly admission: Admission;
  readonly log: WorkerLog;
}): MemoryJudge {
  let outOfMemory = false;
  return {
    verdict(failure) {
      if (!isOutOfMemory(failure)) return { end: "failed", message: failure };
      outOfMemory = true;
      const before = admission.limit;
      if (!ticket.outOfMemory()) return { end: "failed", message: outOfMemoryAlone(failure) };
      const after = admission.limit;
      log.warn({ concurrency: after, before, error: failure }, "out of memory: fewer at a time from now on");
      return { end: "handed-back", message: `out of memory beside others (now ${after} at a time): ${failure}` };
    },
    get outOfMemory() {
      return outOfMemory;
    },
  };
}

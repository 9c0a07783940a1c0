import type { Cohort } from "./domain.js";
import { InvalidArgument } from "./errors.js";
import type { ConsumeOptions, TrialQueue } from "./ports.js";

export interface MemoryTrialQueueOptions {
  /** Milliseconds before a rejected cohort is delivered again; 10 when left out. */
  readonly retryPauseMs?: number;
}

interface Entry {
  readonly cohort: Cohort;
  state: "waiting" | "active" | "pausing";
}

interface Consumer {
  readonly options: ConsumeOptions;
  readonly running: Set<Promise<void>>;
}

/** A TrialQueue inside this process, lost with it: for tests and dry runs. */
export function createMemoryTrialQueue({ retryPauseMs = 10 }: MemoryTrialQueueOptions = {}): TrialQueue {
  const entries = new Map<string, Entry>();
  const consumers = new Set<Consumer>();
  const pauses = new Set<ReturnType<typeof setTimeout>>();

  function dispatch(): void {
    for (const entry of entries.values()) {
      if (entry.state !== "waiting") continue;
      const free = [...consumers].find(({ options, running }) => running.size < options.slots);
      if (free === undefined) return;
      const run = deliver(entry, free.options).finally(() => {
        free.running.delete(run);
        dispatch();
      });
      free.running.add(run);
    }
  }

  async function deliver(entry: Entry, { handle }: ConsumeOptions): Promise<void> {
    entry.state = "active";
    try {
      await handle(structuredClone(entry.cohort));
      entries.delete(entry.cohort.cohortId);
    } catch {
      entry.state = "pausing";
      const pause = setTimeout(() => {
        pauses.delete(pause);
        entry.state = "waiting";
        dispatch();
      }, retryPauseMs);
      pauses.add(pause);
    }
  }

  async function leave(consumer: Consumer): Promise<void> {
    consumers.delete(consumer);
    await Promise.all(consumer.running);
  }

  return {
    async add(cohorts) {
      for (const cohort of cohorts) {
        if (!entries.has(cohort.cohortId)) {
          entries.set(cohort.cohortId, { cohort: structuredClone(cohort), state: "waiting" });
        }
      }
      dispatch();
    },
    async remove(cohortIds) {
      for (const id of cohortIds) if (entries.get(id)?.state !== "active") entries.delete(id);
    },
    async present(cohortIds) {
      return new Set(cohortIds.filter((id) => entries.has(id)));
    },
    async consume(options) {
      if (!(Number.isSafeInteger(options.slots) && options.slots > 0)) {
        throw new InvalidArgument(`slots must be a positive integer, got ${options.slots}`);
      }
      const consumer: Consumer = { options, running: new Set() };
      consumers.add(consumer);
      dispatch();
      return { [Symbol.asyncDispose]: () => leave(consumer) };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...consumers].map(leave));
      for (const pause of pauses) clearTimeout(pause);
    },
  };
}

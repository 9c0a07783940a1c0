import type { ConsumeOptions, TrialQueue, Work } from "./ports.js";
import { requireSlots } from "./slots.js";

export interface MemoryTrialQueueOptions {
  /** Milliseconds before rejected work is delivered again; 10 when left out. */
  readonly retryPauseMs?: number;
}

interface Entry {
  readonly work: Work;
  /** Ids of the batches that an update waits for while they are here. */
  readonly after: Set<string>;
  state: "waiting" | "active" | "pausing";
}

interface Taker {
  readonly options: ConsumeOptions;
  slots: number;
  readonly running: Set<Promise<void>>;
}

/** A TrialQueue inside this process, lost with it: for tests and dry runs. */
export function createMemoryTrialQueue({ retryPauseMs = 10 }: MemoryTrialQueueOptions = {}): TrialQueue {
  const entries = new Map<string, Entry>();
  const consumers = new Set<Taker>();
  const pauses = new Set<ReturnType<typeof setTimeout>>();

  function dispatch(): void {
    for (const entry of entries.values()) {
      if (entry.state !== "waiting" || [...entry.after].some((id) => entries.has(id))) continue;
      const free = [...consumers].find(({ slots, running }) => running.size < slots);
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
      await handle(structuredClone(entry.work));
      entries.delete(entry.work.cohortId);
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

  async function leave(consumer: Taker): Promise<void> {
    consumers.delete(consumer);
    await Promise.all(consumer.running);
  }

  function add(work: Work, after: readonly string[] = []): void {
    const entry = entries.get(work.cohortId);
    if (entry === undefined) {
      entries.set(work.cohortId, { work: structuredClone(work), after: new Set(after), state: "waiting" });
    } else {
      for (const id of after) entry.after.add(id);
    }
  }

  return {
    async add(cohorts) {
      for (const cohort of cohorts) add(cohort);
      dispatch();
    },
    async addFlow({ update, batches }) {
      for (const batch of batches) add(batch);
      if (update !== undefined) {
        add(
          update,
          batches.map(({ cohortId }) => cohortId),
        );
      }
      dispatch();
    },
    async remove(cohortIds) {
      for (const id of cohortIds.flatMap((parent) => [parent, ...(entries.get(parent)?.after ?? [])])) {
        if (entries.get(id)?.state !== "active") entries.delete(id);
      }
      dispatch();
    },
    async present(cohortIds) {
      return new Set(cohortIds.filter((id) => entries.has(id)));
    },
    async consume(options) {
      requireSlots(options.slots);
      const consumer: Taker = { options, slots: options.slots, running: new Set() };
      consumers.add(consumer);
      dispatch();
      return {
        setSlots(slots) {
          requireSlots(slots, options.slots);
          consumer.slots = slots;
          dispatch();
        },
        [Symbol.asyncDispose]: () => leave(consumer),
      };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...consumers].map(leave));
      for (const pause of pauses) clearTimeout(pause);
    },
  };
}

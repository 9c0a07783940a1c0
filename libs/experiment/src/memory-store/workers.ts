import type { WorkerRow, WorkerStore } from "../workers.js";

/** Workers as they announced themselves. */
export function memoryWorkers(now: () => number): WorkerStore {
  const rows = new Map<string, WorkerRow>();
  return {
    async announce(worker) {
      const lastSeenAt = new Date(now());
      const firstSeenAt = rows.get(worker.workerId)?.firstSeenAt ?? lastSeenAt;
      rows.set(worker.workerId, { ...structuredClone(worker), firstSeenAt, lastSeenAt });
    },
    async workers({ withinMs }) {
      return [...rows.values()]
        .filter(({ lastSeenAt }) => lastSeenAt.getTime() > now() - withinMs)
        .sort((one, other) => (one.workerId < other.workerId ? -1 : 1));
    },
  };
}

import { type WorkerRow, workerLostMs } from "@stride/experiment";
import type { Row } from "./output.js";

/** A worker's state, and `lost` for one that fell silent without a last word. */
export function workerState({ state, lastSeenAt }: WorkerRow, now: Date): string {
  if (state === "gone") return state;
  return now.getTime() - lastSeenAt.getTime() > workerLostMs ? "lost" : state;
}

/** A line of `stride workers`. */
export function workerLine(worker: WorkerRow, now: Date): Row {
  const { workerId, executor, slots, concurrency, busy, version, devices, lastSeenAt } = worker;
  const seconds = Math.max(0, Math.round((now.getTime() - lastSeenAt.getTime()) / 1000));
  return {
    worker: workerId,
    state: workerState(worker, now),
    executor,
    busy,
    slots: concurrency === slots ? slots : `${concurrency} of ${slots} (out of memory)`,
    devices: devices
      .map(({ name, memoryMb }) => (memoryMb === undefined ? name : `${name}, ${memoryMb} MB`))
      .join("; "),
    version,
    heard: `${seconds} s ago`,
  };
}

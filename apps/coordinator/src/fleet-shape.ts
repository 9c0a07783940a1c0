import { deviceExecutors, type ExecutorName } from "@stride/compile/spec";

/** How many worker processes a run starts, and with how many slots each; undefined leaves these to the environment. */
export interface FleetShape {
  readonly count: number;
  readonly slots: number | undefined;
}

/**
 * `workers` trainings at a time: on the processor as many workers; on a device one worker with as many slots, which knows how much memory
 * all of them take. Where STRIDE_SLOTS is set, as many workers with these.
 */
export function fleetShape(workers: number, executor: ExecutorName, slotsAreSet: boolean): FleetShape {
  const together = deviceExecutors.includes(executor) && !slotsAreSet;
  return together ? { count: 1, slots: workers } : { count: workers, slots: undefined };
}

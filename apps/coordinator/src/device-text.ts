import type { FoundDevice } from "./executors.js";

/** For example `NVIDIA A100, 40960 MiB (40338 free), driver 550.54.15`. */
export function deviceText({ name, memoryMb, freeMb, driver, software }: FoundDevice): string {
  return [
    name,
    ...(memoryMb === undefined ? [] : [`${memoryMb} MiB${freeMb === undefined ? "" : ` (${freeMb} free)`}`]),
    ...(driver === undefined ? [] : [`driver ${driver}`]),
    ...(software === true ? ["computes on the processor"] : []),
  ].join(", ");
}

import type { Device } from "./device.js";

const columns = ["index", "uuid", "name", "memory.total", "memory.free", "driver_version"] as const;

/** Arguments of `nvidia-smi` whose answer `parseNvidia` reads. */
export const nvidiaQuery: readonly string[] = [`--query-gpu=${columns.join(",")}`, "--format=csv"];

const header = "index, uuid, name, memory.total [MiB], memory.free [MiB], driver_version";

/** The devices in `nvidia-smi`'s answer; throws with the line that is not as it should be. A memory that it does not know is left out. */
export function parseNvidia(csv: string): Device[] {
  const [first = "", ...lines] = csv.trim().split(/\r?\n/);
  if (first.trim() === "No devices were found") return [];
  if (first.trim() !== header) throw new Error(`nvidia-smi's columns must be ${header}, got ${shown(first)}`);
  return lines.map(parseLine);
}

function parseLine(line: string): Device {
  // A name may hold a comma; no other field does.
  const match = /^(\d{1,4}), (GPU-[\w-]+), (.+), ([^,]+), ([^,]+), ([\w.]+)$/.exec(line.trim());
  if (match === null) throw new Error(`a line of nvidia-smi must be ${header}, got ${shown(line)}`);
  const [, index, uuid, name, total, free, driver] = match as unknown as [string, ...string[]] & { length: 7 };
  return {
    index: Number(index),
    kind: "nvidia",
    name: name as string,
    uuid: uuid as string,
    ...memory("memoryMb", total as string, line),
    ...memory("freeMb", free as string, line),
    driver: driver as string,
  };
}

function memory(key: "memoryMb" | "freeMb", field: string, line: string): Partial<Device> {
  if (/^\[?(N\/A|Not Supported)\]?$/.test(field)) return {};
  const mebibytes = /^(\d{1,9}) MiB$/.exec(field)?.[1];
  if (mebibytes === undefined) throw new Error(`nvidia-smi's memory must be "… MiB", got ${shown(line)}`);
  return { [key]: Number(mebibytes) };
}

/**
 * Of these, the ones that CUDA shows a process, in its order and numbered by it: `CUDA_VISIBLE_DEVICES` holds numbers or beginnings of UUIDs,
 * and hides what follows one that is unknown. Unset: all of them.
 */
export function visibleToCuda(devices: readonly Device[], visible: string | undefined): Device[] {
  if (visible === undefined) return devices.map((device, index) => ({ ...device, index }));
  const shownDevices: Device[] = [];
  for (const name of visible.split(",").map((part) => part.trim())) {
    const found = devices.find(({ index, uuid }) =>
      /^\d+$/.test(name) ? index === Number(name) : name.length > 4 && uuid?.startsWith(name),
    );
    if (found === undefined) break;
    shownDevices.push({ ...found, index: shownDevices.length });
  }
  return shownDevices;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

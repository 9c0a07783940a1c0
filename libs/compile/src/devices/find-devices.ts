import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import type { Device, DeviceReport } from "./device.js";
import { nvidiaQuery, parseNvidia } from "./nvidia.js";
import { driverFolders, driverNames, parseVulkan } from "./vulkan.js";

/** What is asked of a machine; a command that is not there rejects with the code ENOENT. */
export interface Machine {
  run(command: string, args: readonly string[]): Promise<string>;
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
}

const execute = promisify(execFile);
const thisMachine: Machine = {
  run: async (command, args) => (await execute(command, [...args], { timeout: 10_000, encoding: "utf8" })).stdout,
  list: (folder) => readdir(folder).catch(() => []),
};

/** Every device that this machine's drivers tell of, and what they do not. Never rejects; takes up to seconds. */
export async function findDevices(machine: Machine = thisMachine): Promise<DeviceReport> {
  const [nvidia, vulkan] = await Promise.all([findNvidia(machine), findVulkan(machine)]);
  return { devices: [...nvidia.devices, ...vulkan.devices], notes: [...nvidia.notes, ...vulkan.notes] };
}

async function findNvidia(machine: Machine): Promise<DeviceReport> {
  return found(
    async () => parseNvidia(await machine.run("nvidia-smi", nvidiaQuery)),
    async () => "no NVIDIA driver: there is no nvidia-smi",
  );
}

async function findVulkan(machine: Machine): Promise<DeviceReport> {
  return found(
    async () => parseVulkan(await machine.run("vulkaninfo", ["--summary"])),
    async () => {
      const drivers = driverNames((await Promise.all(driverFolders.map(machine.list))).flat());
      return drivers.length === 0
        ? "no Vulkan driver"
        : `Vulkan drivers ${drivers.join(", ")}; which of them has a device is not known without vulkaninfo`;
    },
  );
}

async function found(devices: () => Promise<Device[]>, without: () => Promise<string>): Promise<DeviceReport> {
  try {
    return { devices: await devices(), notes: [] };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return { devices: [], notes: [await without()] };
    const [line] = (error instanceof Error ? error.message : String(error)).trim().split("\n");
    return { devices: [], notes: [line ?? "unknown"] };
  }
}

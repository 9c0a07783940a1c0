import type { Device } from "./device.js";

/** The devices in the answer of `vulkaninfo --summary`, which tells no memory; throws when it has no list of devices. */
export function parseVulkan(summary: string): Device[] {
  const [, list] = summary.split(/^Devices:\s*$/m);
  if (list === undefined) throw new Error('vulkaninfo --summary must have a line "Devices:", and has none');
  return list
    .split(/^GPU(?=\d+:\s*$)/m)
    .slice(1)
    .map((part) => {
      const index = Number(/^\d+/.exec(part)?.[0]);
      const field = (name: string) => new RegExp(`^\\s*${name}\\s*= (.+?)\\s*$`, "m").exec(part)?.[1];
      const name = field("deviceName");
      if (name === undefined) throw new Error(`vulkaninfo --summary must name device GPU${index}, and does not`);
      const driver = [field("driverName"), field("driverInfo")].filter((text) => text !== undefined).join(" ");
      return {
        index,
        kind: "vulkan",
        name,
        ...(driver === "" ? {} : { driver }),
        ...(field("deviceType") === "PHYSICAL_DEVICE_TYPE_CPU" ? { software: true } : {}),
      };
    });
}

/** Folders in which Vulkan's loader looks for drivers on Linux. */
export const driverFolders: readonly string[] = [
  "/etc/vulkan/icd.d",
  "/usr/local/share/vulkan/icd.d",
  "/usr/share/vulkan/icd.d",
];

/** The names of drivers from the names of their files, `lvp_icd.x86_64.json` for example. */
export function driverNames(files: readonly string[]): string[] {
  const names = files.flatMap((file) => /^(.+?)(?:_icd)?(?:\.[\w-]+)?\.json$/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

import { describe, expect, it } from "vitest";
import { findDevices, type Machine } from "./find-devices.js";
import { parseNvidia, visibleToCuda } from "./nvidia.js";
import { driverNames, parseVulkan } from "./vulkan.js";

const header = "index, uuid, name, memory.total [MiB], memory.free [MiB], driver_version";
const two = `${header}
0, GPU-6f2c9c7a-0000-1111-2222-333344445555, NVIDIA A100-SXM4-40GB, 40960 MiB, 40338 MiB, 550.54.15
1, GPU-a1b2c3d4-0000-1111-2222-333344445555, NVIDIA GB10, Grace, [N/A], [N/A], 580.95.05
`;
const summary = `==========
VULKANINFO
==========

Vulkan Instance Version: 1.4.309

Devices:
========
GPU0:
	apiVersion         = 1.4.305
	deviceType         = PHYSICAL_DEVICE_TYPE_DISCRETE_GPU
	deviceName         = AMD Radeon RX 7900 XTX (RADV NAVI31)
	driverID           = DRIVER_ID_MESA_RADV
	driverName         = radv
	driverInfo         = Mesa 25.0.7
GPU1:
	apiVersion         = 1.4.305
	deviceType         = PHYSICAL_DEVICE_TYPE_CPU
	deviceName         = llvmpipe (LLVM 19.1.7, 256 bits)
	driverName         = llvmpipe
	driverInfo         = Mesa 25.0.7 (LLVM 19.1.7)
`;
const absent = () => Promise.reject(Object.assign(new Error("spawn ENOENT"), { code: "ENOENT" }));
const nothing: Machine = { run: absent, list: async () => [] };

describe("nvidia-smi's answer", () => {
  it("gives devices with what it knows of them", () => {
    expect(parseNvidia(two)).toEqual([
      {
        index: 0,
        kind: "nvidia",
        name: "NVIDIA A100-SXM4-40GB",
        uuid: "GPU-6f2c9c7a-0000-1111-2222-333344445555",
        memoryMb: 40_960,
        freeMb: 40_338,
        driver: "550.54.15",
      },
      {
        index: 1,
        kind: "nvidia",
        name: "NVIDIA GB10, Grace",
        uuid: "GPU-a1b2c3d4-0000-1111-2222-333344445555",
        driver: "580.95.05",
      },
    ]);
    expect(parseNvidia("No devices were found\n")).toEqual([]);
    expect(parseNvidia(header)).toEqual([]);
  });

  it.each([
    ["other columns", "index, name\n0, A100"],
    ["another unit", two.replace("40960 MiB", "40 GiB")],
    ["a missing field", two.replace(", 550.54.15", "")],
    ["an error", "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."],
    ["nothing", ""],
  ])("is refused with %s, and the text is shown", (_, csv) => {
    expect(() => parseNvidia(csv)).toThrow(/must be .*, got "/);
  });

  it("is numbered as CUDA numbers what it shows", () => {
    const devices = parseNvidia(two);
    const names = (visible: string | undefined) =>
      visibleToCuda(devices, visible).map(({ index, driver }) => `${index} ${driver}`);
    expect(names(undefined)).toEqual(["0 550.54.15", "1 580.95.05"]);
    expect(names("1")).toEqual(["0 580.95.05"]);
    expect(names("GPU-a1b2, 0")).toEqual(["0 580.95.05", "1 550.54.15"]);
    expect(names("1,7,0")).toEqual(["0 580.95.05"]);
    expect(names("")).toEqual([]);
  });
});

describe("vulkaninfo's summary", () => {
  it("gives devices, and which of them are software; no memory, as it tells none", () => {
    expect(parseVulkan(summary)).toEqual([
      { index: 0, kind: "vulkan", name: "AMD Radeon RX 7900 XTX (RADV NAVI31)", driver: "radv Mesa 25.0.7" },
      {
        index: 1,
        kind: "vulkan",
        name: "llvmpipe (LLVM 19.1.7, 256 bits)",
        driver: "llvmpipe Mesa 25.0.7 (LLVM 19.1.7)",
        software: true,
      },
    ]);
    expect(parseVulkan("Devices:\n========\n")).toEqual([]);
  });

  it("is refused without a list, or with a device without a name", () => {
    expect(() => parseVulkan("Cannot create Vulkan instance.")).toThrow('must have a line "Devices:"');
    expect(() => parseVulkan("Devices:\nGPU0:\n\tdriverName = radv\n")).toThrow("must name device GPU0");
  });

  it("is stood in for by the names of drivers", () => {
    const files = ["lvp_icd.x86_64.json", "lvp_icd.i686.json", "radeon_icd.json", "nvidia_icd.json", "README"];
    expect(driverNames(files)).toEqual(["lvp", "nvidia", "radeon"]);
  });
});

describe("a machine's devices", () => {
  it("are those of both, each told by its own tool", async () => {
    const run = async (command: string) => (command === "nvidia-smi" ? two : summary);
    const { devices, notes } = await findDevices({ ...nothing, run });
    expect(devices.map(({ kind, index }) => `${kind} ${index}`)).toEqual([
      "nvidia 0",
      "nvidia 1",
      "vulkan 0",
      "vulkan 1",
    ]);
    expect(notes).toEqual([]);
  });

  it("are not claimed where nobody tells of them", async () => {
    expect(await findDevices(nothing)).toEqual({
      devices: [],
      notes: ["no NVIDIA driver: there is no nvidia-smi", "no Vulkan driver"],
    });
    const list = async (folder: string) => (folder.startsWith("/usr/share") ? ["lvp_icd.json"] : []);
    expect((await findDevices({ ...nothing, list })).notes).toContain(
      "Vulkan drivers lvp; which of them has a device is not known without vulkaninfo",
    );
  });

  it("that a tool cannot tell of are told as what it said", async () => {
    const run = () => Promise.reject(new Error("Command failed: nvidia-smi\nDriver/library version mismatch"));
    expect((await findDevices({ ...nothing, run })).notes).toEqual(Array(2).fill("Command failed: nvidia-smi"));
  });

  it("of this machine can be asked for, whatever it has", async () => {
    const { devices, notes } = await findDevices();
    expect(devices.length + notes.length).toBeGreaterThan(0);
  });
});

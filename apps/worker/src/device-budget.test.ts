import type { Device } from "@stride/compile/devices";
import { deviceMemory } from "@stride/experiment";
import { sampleCohort } from "@stride/experiment/contracts";
import { describe, expect, it } from "vitest";
import { deviceUse } from "./device-budget.js";

const [small, large, vulkan]: readonly Device[] = [
  { index: 0, kind: "nvidia", name: "small", uuid: "GPU-11111111", memoryMb: 1000 },
  { index: 1, kind: "nvidia", name: "large", uuid: "GPU-22222222", memoryMb: 8000 },
  { index: 0, kind: "vulkan", name: "llvmpipe" },
] as const;
const options = {
  executor: "onnx-cuda",
  deviceMemoryMb: undefined,
  report: { devices: [small, large, vulkan] as readonly Device[], notes: [] },
  visible: undefined,
} as const;
const mebibyte = 2 ** 20;
const cohort = sampleCohort();

describe("what a worker may use of its device", () => {
  it.each([
    [{}, 900],
    [{ visible: "1" }, 7200],
    [{ visible: "" }, undefined],
    [{ deviceMemoryMb: 300 }, 300],
    [{ executor: "onnx-webgpu" as const }, undefined],
    [{ executor: "onnx-webgpu" as const, deviceMemoryMb: 300 }, 300],
    [{ executor: "tfjs-node-gpu" as const, visible: "GPU-2222" }, 7200],
    [{ executor: "onnx-cpu" as const, deviceMemoryMb: 300 }, undefined],
  ])("with %j is %d MiB", (given, budgetMb) => {
    const { budget } = deviceUse({ ...options, ...given });
    expect(budget).toBe(budgetMb === undefined ? undefined : budgetMb * mebibyte);
  });

  it("is told of work and the process that does it, and of nothing on the processor", () => {
    expect(deviceUse(options).memoryOf(cohort)).toBe(512 * mebibyte + deviceMemory(cohort));
    expect(deviceUse({ ...options, executor: "tfjs-wasm" }).memoryOf(cohort)).toBe(0);
  });

  it("is of the devices that its executor computes on", () => {
    const names = (executor: "onnx-cuda" | "onnx-webgpu" | "onnx-cpu") =>
      deviceUse({ ...options, executor }).devices.map(({ name }) => name);
    expect(names("onnx-cuda")).toEqual(["small", "large"]);
    expect(names("onnx-webgpu")).toEqual(["llvmpipe"]);
    expect(names("onnx-cpu")).toEqual([]);
  });
});

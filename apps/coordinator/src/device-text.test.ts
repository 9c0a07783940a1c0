import { expect, it } from "vitest";
import { deviceText } from "./device-text.js";

it.each([
  [
    { name: "NVIDIA A100", kind: "nvidia" as const, index: 0, memoryMb: 40_960, freeMb: 40_338, driver: "550.54.15" },
    "NVIDIA A100, 40960 MiB (40338 free), driver 550.54.15",
  ],
  [{ name: "GB10", kind: "nvidia" as const, index: 1 }, "GB10"],
  [
    { name: "llvmpipe", kind: "vulkan" as const, index: 0, driver: "llvmpipe Mesa 25.0.7", software: true },
    "llvmpipe, driver llvmpipe Mesa 25.0.7, computes on the processor",
  ],
])("says what is known of a device", (device, text) => {
  expect(deviceText(device)).toBe(text);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CudaMachine, explainedByLoader, missingForCuda, prepareCuda } from "./cuda.js";

const machine = (present: readonly string[], rest: Partial<CudaMachine> = {}): CudaMachine => ({
  platform: "linux",
  architecture: "x64",
  folder: "/ort",
  exists: (path) => present.includes(path),
  ...rest,
});
const [shared, cuda] = ["/ort/libonnxruntime_providers_shared.so", "/ort/libonnxruntime_providers_cuda.so"] as const;

describe("what CUDA is missing", () => {
  it("is nothing with both libraries and a device, as the driver, a container or WSL shows it", () => {
    for (const device of ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"]) {
      expect(missingForCuda(machine([shared, cuda, device]))).toEqual([]);
    }
  });

  it("is told all at once", () => {
    expect(missingForCuda(machine([shared]))).toEqual([
      "onnxruntime-node was installed without libonnxruntime_providers_cuda.so (ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node fetches them)",
      "there is no NVIDIA device (no /proc/driver/nvidia/version, /dev/nvidiactl or /dev/dxg)",
    ]);
    expect(() => prepareCuda(machine([]))).toThrow(
      /^onnxruntime-node was installed without .*shared.so and .*cuda.so .*; there is no NVIDIA device/,
    );
  });

  it.each([
    { platform: "darwin", architecture: "arm64" },
    { platform: "linux", architecture: "arm64" },
  ])("is the platform on $platform $architecture", (other) => {
    expect(missingForCuda(machine([], other))).toEqual([
      `onnxruntime-node brings CUDA to Linux on x64 alone, and this is ${other.platform} on ${other.architecture}`,
    ]);
  });
});

it("computes in 32 bits, and numbers devices as nvidia-smi does, unless told otherwise", () => {
  delete process.env.NVIDIA_TF32_OVERRIDE;
  process.env.CUDA_DEVICE_ORDER = "FASTEST_FIRST";
  prepareCuda(machine([shared, cuda, "/dev/nvidiactl"]));
  expect(process.env.NVIDIA_TF32_OVERRIDE).toBe("0");
  expect(process.env.CUDA_DEVICE_ORDER).toBe("FASTEST_FIRST");
});

describe.runIf(process.platform === "linux")("a provider that does not load", () => {
  const refused = new Error("OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library");

  it("is explained by the loader", () => {
    const folder = mkdtempSync(join(tmpdir(), "stride-cuda-"));
    writeFileSync(join(folder, "libonnxruntime_providers_cuda.so"), "no library");
    const explained = explainedByLoader(refused, folder) as Error;
    expect(explained.message).toMatch(/CUDA provider does not load: .*libonnxruntime_providers_cuda\.so: .*too short/);
    expect(explained.message).toContain("it needs CUDA 12 and cuDNN 9");
    expect(explained.cause).toBe(refused);
    rmSync(folder, { recursive: true });
  });

  it("leaves other errors as they are", () => {
    const other = new Error("CUDA failure 2: out of memory");
    expect(explainedByLoader(other, "/nowhere")).toBe(other);
  });
});

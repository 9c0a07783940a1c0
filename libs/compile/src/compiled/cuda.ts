import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What onnxruntime-node's package leaves to its install script; the third, for TensorRT, is not used. */
const libraries = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"] as const;
const [, cudaLibrary] = libraries;

/** What the CUDA provider can find on a machine. */
export interface CudaMachine {
  readonly platform: string;
  readonly architecture: string;
  /** Where onnxruntime-node's libraries lie. */
  readonly folder: string;
  exists(path: string): boolean;
}

export const thisMachine: CudaMachine = {
  platform: process.platform,
  architecture: process.arch,
  folder: join(
    dirname(createRequire(import.meta.url).resolve("onnxruntime-node")),
    `../bin/napi-v6/${process.platform}/${process.arch}`,
  ),
  exists: existsSync,
};

/** Everything that keeps ONNX Runtime's CUDA provider from being loaded, as far as files tell; none where nothing does. */
export function missingForCuda({ platform, architecture, folder, exists }: CudaMachine): readonly string[] {
  if (platform !== "linux" || architecture !== "x64") {
    return [`onnxruntime-node brings CUDA to Linux on x64 alone, and this is ${platform} on ${architecture}`];
  }
  const absent = libraries.filter((library) => !exists(join(folder, library)));
  const driver = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg"].some(exists);
  return [
    ...(absent.length === 0
      ? []
      : [
          `onnxruntime-node was installed without ${absent.join(" and ")} (ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node fetches them)`,
        ]),
    ...(driver ? [] : ["there is no NVIDIA device (no /proc/driver/nvidia/version, /dev/nvidiactl or /dev/dxg)"]),
  ];
}

/**
 * Makes the process ready for CUDA, before its first session: 32-bit products are computed in 32 bits, not in TF32's 19, and devices
 * are numbered as `nvidia-smi` does. What is set already stays. Throws with all that is missing.
 */
export function prepareCuda(machine: CudaMachine = thisMachine): void {
  const missing = missingForCuda(machine);
  if (missing.length > 0) throw new Error(missing.join("; "));
  process.env.NVIDIA_TF32_OVERRIDE ??= "0";
  process.env.CUDA_DEVICE_ORDER ??= "PCI_BUS_ID";
}

/** ONNX Runtime only says that the provider did not load: the loader of this process says which library it lacks. */
export function explainedByLoader(error: unknown, folder = thisMachine.folder): unknown {
  if (!(error instanceof Error && /Failed to load shared library/.test(error.message))) return error;
  const why = loadFailure(join(folder, cudaLibrary));
  if (why === undefined) return error;
  return new Error(`ONNX Runtime's CUDA provider does not load: ${why} (it needs CUDA 12 and cuDNN 9)`, {
    cause: error,
  });
}

/** What the dynamic loader says of a library; undefined where it is content, as it loads what is no addon of Node. */
function loadFailure(path: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, path);
  } catch (error) {
    const [line = ""] = error instanceof Error ? error.message.split("\n") : [String(error)];
    if (!/self-register/.test(line)) return line;
  }
  return undefined;
}

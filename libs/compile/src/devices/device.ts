/** A device that executors may compute on, as this machine's drivers tell of it. What they do not tell is left out. */
export interface Device {
  /** Its place among those of its kind, from 0. */
  readonly index: number;
  /** Who told of it: NVIDIA's driver (for `onnx-cuda`, `tfjs-node-gpu`) or Vulkan's loader (for `onnx-webgpu`). */
  readonly kind: "nvidia" | "vulkan";
  readonly name: string;
  /** Its whole memory, in MiB. */
  readonly memoryMb?: number;
  /** Of that, not in use when it was asked for. */
  readonly freeMb?: number;
  readonly driver?: string;
  /** Computes on the processor. */
  readonly software?: boolean;
  /** How NVIDIA's tools name it, whatever its number: `GPU-…`. */
  readonly uuid?: string;
}

/** What is known of a machine's devices, and for each part that is not known, why. */
export interface DeviceReport {
  readonly devices: readonly Device[];
  readonly notes: readonly string[];
}

import { type Device, type DeviceReport, visibleToCuda } from "@stride/compile/devices";
import type { ExecutorName } from "@stride/compile/spec";
import { deviceMemory } from "@stride/experiment";
import type { Work } from "./work-reports.js";

const mebibyte = 2 ** 20;
/** Share of a device's memory that is given out when nobody says how much; the rest is for what estimates miss. */
const usableShare = 0.9;
/**
 * What a training process takes on the device before its first cohort: CUDA's context and libraries, guesses,
 * for no such device was at hand (docs/gpu.md). Executors that are not here compute on the processor.
 */
const processMemory: Readonly<Partial<Record<ExecutorName, number>>> = {
  "onnx-webgpu": 64 * mebibyte,
  "onnx-cuda": 512 * mebibyte,
  "tfjs-node-gpu": 512 * mebibyte,
};

/** Whether an executor computes on a device: only then is it worth to look for any. */
export function computesOnDevice(executor: ExecutorName): boolean {
  return processMemory[executor] !== undefined;
}

export interface DeviceUse {
  /** What the executor computes on, where anybody tells: devices of its kind, CUDA's in CUDA's order. */
  readonly devices: readonly Device[];
  /** Bytes that this worker may use; undefined: no bound is known, or it computes on the processor. */
  readonly budget: number | undefined;
  /** Bytes that a piece of work takes with the process that trains it. */
  memoryOf(work: Work): number;
}

export interface DeviceUseOptions {
  readonly executor: ExecutorName;
  /** As STRIDE_DEVICE_MEMORY_MB says, in MiB. */
  readonly deviceMemoryMb: number | undefined;
  readonly report: DeviceReport;
  /** CUDA_VISIBLE_DEVICES. */
  readonly visible: string | undefined;
}

/** What a worker knows of its device. With several that CUDA shows it uses the first: run a worker for each. */
export function deviceUse({ executor, deviceMemoryMb, report, visible }: DeviceUseOptions): DeviceUse {
  const ofProcess = processMemory[executor];
  if (ofProcess === undefined) return { devices: [], budget: undefined, memoryOf: () => 0 };
  const ofKind = (kind: Device["kind"]) => report.devices.filter((device) => device.kind === kind);
  const devices = executor === "onnx-webgpu" ? ofKind("vulkan") : visibleToCuda(ofKind("nvidia"), visible);
  const known = devices[0]?.memoryMb;
  const budgetMb = deviceMemoryMb ?? (known === undefined ? undefined : Math.floor(known * usableShare));
  return {
    devices,
    budget: budgetMb === undefined ? undefined : budgetMb * mebibyte,
    memoryOf: (work) => ofProcess + deviceMemory(work),
  };
}

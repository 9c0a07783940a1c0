import type { DataSet } from "@stride/tasks";
import type { Executor, ExecutorName } from "../executor.js";
import { onBackend, tf } from "../tensorflow.js";
import { dataSetTensors, eagerProgram } from "./eager-program.js";
import { loadNative, type NativePackage } from "./native-package.js";
import { registerSegmentSum } from "./segment-sum.js";

export type EagerExecutorName = Extract<ExecutorName, `tfjs-${string}`>;

const backendOf: Readonly<Record<EagerExecutorName, string>> = {
  "tfjs-cpu": "cpu",
  "tfjs-wasm": "wasm",
  "tfjs-node": "tensorflow",
  "tfjs-node-gpu": "tensorflow",
};

/** The optional native packages. */
const nativePackage: Readonly<Partial<Record<EagerExecutorName, NativePackage>>> = {
  "tfjs-node": "@tensorflow/tfjs-node",
  "tfjs-node-gpu": "@tensorflow/tfjs-node-gpu",
};

/** An executor that runs the task's TensorFlow.js code as it stands. Rejects when its backend is not installed. */
export async function eagerExecutor(name: EagerExecutorName): Promise<Executor> {
  const backend = backendOf[name];
  await initialise(name, backend);
  const dataSets = new Map<DataSet, ReturnType<typeof dataSetTensors>>();
  const arrays = (dataSet: DataSet) => {
    const made = dataSets.get(dataSet) ?? onBackend(backend, () => dataSetTensors(dataSet));
    dataSets.set(dataSet, made);
    return made;
  };
  return {
    name,
    program: async (options) => eagerProgram({ backend, arrays }, options),
    async [Symbol.asyncDispose]() {
      for (const tensors of dataSets.values()) tf.dispose(tensors);
      dataSets.clear();
    },
  };
}

async function initialise(name: EagerExecutorName, backend: string): Promise<void> {
  const native = nativePackage[name];
  if (native !== undefined) await loadNative(native);
  if (name === "tfjs-wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (native === undefined) registerSegmentSum(backend);
  const previous = tf.engine().backendName;
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its backend "${backend}"`);
  await tf.ready();
  if (name === "tfjs-node-gpu") requireDevice();
  if (previous) await tf.setBackend(previous);
}

/** TensorFlow goes on without a word on the processor where it finds no device. */
function requireDevice(): void {
  const backend: object = tf.backend();
  if ("isUsingGpuDevice" in backend && backend.isUsingGpuDevice === true) return;
  throw new Error("@tensorflow/tfjs-node-gpu is installed, and its TensorFlow finds no CUDA device (it needs CUDA 11)");
}

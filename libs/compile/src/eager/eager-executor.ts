import type { DataSet } from "@stride/tasks";
import type { Executor, ExecutorName } from "../executor.js";
import { onBackend, tf } from "../tensorflow.js";
import { dataSetTensors, eagerProgram } from "./eager-program.js";
import { registerSegmentSum } from "./segment-sum.js";

export type EagerExecutorName = Extract<ExecutorName, `tfjs-${string}`>;

const backendOf: Readonly<Record<EagerExecutorName, string>> = {
  "tfjs-cpu": "cpu",
  "tfjs-wasm": "wasm",
  "tfjs-node": "tensorflow",
  "tfjs-node-gpu": "tensorflow",
};

/** The optional native packages; a variable keeps the compiler from asking for what may not be installed. */
const nativePackage: Readonly<Partial<Record<EagerExecutorName, string>>> = {
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
  if (native !== undefined) {
    await import(native).catch((cause: unknown) => {
      throw new Error(`${native} is not installed or does not load here`, { cause });
    });
  }
  if (name === "tfjs-wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (native === undefined) registerSegmentSum(backend);
  const previous = tf.engine().backendName;
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its backend "${backend}"`);
  await tf.ready();
  if (previous) await tf.setBackend(previous);
}

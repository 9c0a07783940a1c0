import { prepareCuda } from "./compiled/cuda.js";
import { onnxExecutor } from "./compiled/onnx-executor.js";
import { eagerExecutor } from "./eager/eager-executor.js";
import type { Executor, ExecutorName } from "./executor.js";

export interface ExecutorOptions {
  /** Threads inside one operation; 1 by default, as workers scale by processes. Ignored by the eager executors. */
  readonly threads?: number;
}

/** Starts an executor. Rejects with the reason when it cannot run on this machine. */
export async function createExecutor(name: ExecutorName, { threads = 1 }: ExecutorOptions = {}): Promise<Executor> {
  switch (name) {
    case "onnx-cpu":
      return onnxExecutor(name, { provider: "cpu", threads });
    case "onnx-webgpu":
      return onnxExecutor(name, { provider: "webgpu", threads });
    case "onnx-cuda":
      prepareCuda();
      return onnxExecutor(name, { provider: "cuda", threads });
    case "tfjs-cpu":
    case "tfjs-wasm":
    case "tfjs-node":
    case "tfjs-node-gpu":
      return eagerExecutor(name);
  }
}

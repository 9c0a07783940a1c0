import { describe, it } from "vitest";
import { availability } from "../src/available-executors.js";
import { createExecutor } from "../src/create-executor.js";
import type { ExecutorName } from "../src/executor.js";
import { executorContract } from "./executor-contract.js";
import { steeredContract } from "./steered-contract.js";
import { watchedContract } from "./watched-contract.js";

/** Largest difference from `tfjs-cpu` that counts as rounding, relative to the largest value of the array compared. */
const tolerances: Partial<Record<ExecutorName, number>> = { "onnx-webgpu": 1e-4, "onnx-cuda": 1e-4 };
const usualTolerance = 1e-5;

/** Everything that is promised of an executor, in a file of its own, so that executors are tested side by side; skipped with the reason where it cannot run. */
export async function contractOf(name: ExecutorName): Promise<void> {
  const { available, reason } = await availability(name);
  if (!available) {
    // Its package or its device is not on this machine; CI fails where one is missing that it installs (src/executors.test.ts).
    it.skip(`${name}: ${reason}`, () => {});
    return;
  }
  const agreement = {
    reference: () => createExecutor("tfjs-cpu"),
    tolerance: tolerances[name] ?? usualTolerance,
  };
  describe(name, () => {
    executorContract(() => createExecutor(name), agreement);
    steeredContract(() => createExecutor(name), agreement);
    watchedContract(() => createExecutor(name), agreement);
  });
}

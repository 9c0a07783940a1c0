import { describe, expect, it } from "vitest";
import { executorContract } from "../test/executor-contract.js";
import { steeredContract } from "../test/steered-contract.js";
import { availableExecutors } from "./available-executors.js";
import { createExecutor } from "./create-executor.js";

/** Largest difference from `tfjs-cpu` that counts as rounding, relative to the largest value of the array compared. */
const tolerances = { "onnx-webgpu": 1e-4, others: 1e-5 };

const available = await availableExecutors();

describe.each(available.filter((executor) => executor.available))("$name", ({ name }) => {
  const agreement = {
    reference: () => createExecutor("tfjs-cpu"),
    tolerance: name === "onnx-webgpu" ? tolerances["onnx-webgpu"] : tolerances.others,
  };
  executorContract(() => createExecutor(name), agreement);
  steeredContract(() => createExecutor(name), agreement);
});

/** What CI installs: a software Vulkan device stands in for a GPU. */
const expectedInCi = ["onnx-cpu", "onnx-webgpu", "tfjs-cpu", "tfjs-wasm"];

describe.runIf(process.env.CI === "true")("in CI", () => {
  it.each(expectedInCi)("%s is there to be tested", (name) => {
    expect(available.find((executor) => executor.name === name)).toEqual({ name, available: true });
  });
});

describe("executors that this machine cannot run", () => {
  const missing = available.filter((executor) => !executor.available);
  for (const { name, reason } of missing) it.skip(`${name}: ${reason}`, () => {});
});

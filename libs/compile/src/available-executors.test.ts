import { describe, expect, it } from "vitest";
import { availableExecutors } from "./available-executors.js";
import { createExecutor } from "./create-executor.js";
import { executorNames } from "./executor.js";
import { tf } from "./tensorflow.js";

await tf.setBackend("cpu");
const before = { tensors: tf.memory().numTensors, backend: tf.getBackend() };
const found = await availableExecutors();
const after = { tensors: tf.memory().numTensors, backend: tf.getBackend() };
const missing = found.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }]));

describe("the executors of this machine", () => {
  it("are all there are, each either available or missing for a reason", () => {
    expect(found.map(({ name }) => name)).toEqual(executorNames);
    for (const { available, reason } of found) expect(available).toBe(reason === undefined);
  });

  it.each(["onnx-cpu", "tfjs-cpu", "tfjs-wasm"])("include %s, which needs nothing installed", (name) => {
    expect(found).toContainEqual({ name, available: true });
  });

  it("are found without leaving tensors or another backend behind", () => {
    expect(after).toEqual(before);
  });
});

describe.runIf(missing.length > 0)("a missing executor", () => {
  it.each(missing)("$name says why, in one line", ({ reason }) => {
    expect(reason).toMatch(/^\S.*\S$/);
    expect(reason).not.toMatch(/was false\./);
  });

  it.each(missing.filter(({ name }) => name.startsWith("tfjs-node")))(
    "$name names its package, and creating it says the same",
    async ({ name, reason }) => {
      expect(reason).toContain(`@tensorflow/${name} `);
      await expect(createExecutor(name)).rejects.toThrow(reason);
    },
  );

  it.runIf(missing.some(({ name }) => name === "onnx-cuda"))("onnx-cuda says what to do or what is not there", () => {
    const reason = missing.find(({ name }) => name === "onnx-cuda")?.reason;
    expect(reason).toMatch(/npm rebuild onnxruntime-node|no NVIDIA device|Linux on x64|CUDA/);
  });
});

import { expect, it } from "vitest";
import { onBackend, tf } from "./tensorflow.js";

it("work on a backend leaves the one that was set before, and only its result", async () => {
  await import("@tensorflow/tfjs-backend-wasm");
  for (const backend of ["wasm", "cpu"]) await tf.setBackend(backend);
  const before = tf.memory().numTensors;
  const sum = onBackend("wasm", () => {
    expect(tf.getBackend()).toBe("wasm");
    return tf.sum(tf.tensor1d([1, 2, 3]));
  });
  expect(tf.getBackend()).toBe("cpu");
  expect([...sum.dataSync()]).toEqual([6]);
  sum.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it("work that throws leaves the backend that was set before", async () => {
  await tf.setBackend("cpu");
  const fail = () => {
    tf.scalar(1);
    throw new RangeError("mine");
  };
  const before = tf.memory().numTensors;
  expect(() => onBackend("wasm", fail)).toThrow("mine");
  expect(() => onBackend("cpu", fail)).toThrow("mine");
  expect([tf.getBackend(), tf.memory().numTensors]).toEqual(["cpu", before]);
});

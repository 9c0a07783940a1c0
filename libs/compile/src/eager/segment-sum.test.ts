import { beforeAll, describe, expect, it } from "vitest";
import { onBackend, tf } from "../tensorflow.js";
import { registerSegmentSum } from "./segment-sum.js";

beforeAll(async () => {
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  for (const backend of ["cpu", "wasm"]) registerSegmentSum(backend);
});

describe.each(["cpu", "wasm"])("the sum of rows by segment on %s", (backend) => {
  const sum = (rows: tf.Tensor, ids: readonly number[], count: number) =>
    tf.unsortedSegmentSum(rows, tf.tensor1d([...ids], "int32"), count).arraySync();
  const on = (work: () => unknown) => {
    let result: unknown;
    onBackend(backend, () => {
      result = work();
    });
    return result;
  };

  it("adds rows of one id, and leaves segments without rows at zero", () => {
    const rows = [
      [1, 10],
      [2, 20],
      [4, 40],
    ];
    expect(on(() => sum(tf.tensor2d(rows), [2, 0, 2], 4))).toEqual([
      [2, 20],
      [0, 0],
      [5, 50],
      [0, 0],
    ]);
  });

  it("keeps NaN and Infinity in the segment of their row", () => {
    const rows = [1, Number.NaN, 3, Infinity];
    expect(on(() => sum(tf.tensor1d(rows), [0, 1, 0, 2], 3))).toEqual([4, Number.NaN, Infinity]);
  });

  it("drops rows whose id is outside", () => {
    expect(on(() => sum(tf.tensor1d([1, 2, 4, 8]), [-1, 0, 2, 1], 2))).toEqual([2, 8]);
  });

  it("adds whole numbers as whole numbers", () => {
    expect(on(() => tf.unsortedSegmentSum(tf.tensor1d([1, 2], "int32"), tf.tensor1d([0, 0], "int32"), 1).dtype)).toBe(
      "int32",
    );
  });

  it("is the gradient of a gather", () => {
    const gradient = (x: tf.Tensor) => tf.grad((v: tf.Tensor) => tf.sum(tf.gather(v, [2, 0, 2])))(x);
    expect(on(() => gradient(tf.tensor1d([5, 6, 7])).arraySync())).toEqual([1, 0, 2]);
  });

  it("is registered once, however often it is asked for", () => {
    const before = tf.getKernel(tf.UnsortedSegmentSum, backend)?.kernelFunc;
    registerSegmentSum(backend);
    expect(tf.getKernel(tf.UnsortedSegmentSum, backend)?.kernelFunc).toBe(before);
  });
});

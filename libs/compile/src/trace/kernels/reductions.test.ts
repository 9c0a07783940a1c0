import { given, type KernelCase, kernelContract, real, truth, whole } from "../../../test/kernel-contract.js";
import { tf } from "../../tensorflow.js";
import { reductionKernels } from "./reductions.js";

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

const overNumbers: Readonly<Record<string, Reduce>> = {
  Sum: tf.sum,
  Mean: tf.mean,
  Max: tf.max,
  Min: tf.min,
  Prod: tf.prod,
};
const overTruths: Readonly<Record<string, Reduce>> = { All: tf.all, Any: tf.any };

const axes = [undefined, 0, 1, -1, [0, 2], [1, 2], [2, 0, 1]];

const variants = (kernel: string, build: Reduce, x: KernelCase["inputs"][number]) =>
  axes.flatMap((axis) =>
    [false, true].map((keepDims): KernelCase => {
      const of = `over ${axis === undefined ? "all" : `[${axis}]`}${keepDims ? ", kept" : ""}`;
      return { kernel, of, inputs: [x], build: (tensor) => build(tensor, axis, keepDims) };
    }),
  );

const rowWith = (special: number) => given([1, 2, 3, special, 5, -6], [2, 3]);

const cases: KernelCase[] = [
  ...Object.entries(overNumbers).flatMap(([kernel, build]): KernelCase[] => [
    ...variants(kernel, build, real([2, 3, 4])),
    { kernel, of: "of a number", inputs: [real([])], build: (x) => build(x) },
    { kernel, of: "of whole numbers", inputs: [whole([3, 4])], build: (x) => build(x, 1) },
    { kernel, of: "with NaN in one row", inputs: [rowWith(Number.NaN)], build: (x) => build(x, 1) },
    { kernel, of: "with Infinity in one row", inputs: [rowWith(Infinity)], build: (x) => build(x, 1) },
  ]),
  { kernel: "Sum", of: "of truths", inputs: [truth([3, 4])], build: (x) => tf.sum(x, 0) },
  { kernel: "Mean", of: "of truths", inputs: [truth([3, 4])], build: (x) => tf.mean(x, 0) },
  { kernel: "Prod", of: "of truths", inputs: [truth([3, 2])], build: (x) => tf.prod(x, 1) },
  { kernel: "Max", of: "of truths", inputs: [truth([3, 2])], build: (x) => tf.max(x, 1) },
  ...Object.entries(overTruths).flatMap(([kernel, build]) => variants(kernel, build, truth([2, 3, 4]))),

  ...[tf.argMax, tf.argMin].flatMap((build): KernelCase[] => {
    const kernel = build === tf.argMax ? "ArgMax" : "ArgMin";
    return [
      ...[0, 1, 2, -1].map((axis) => ({
        kernel,
        of: `along ${axis}`,
        inputs: [real([2, 3, 4])],
        build: (x: tf.Tensor) => build(x, axis),
      })),
      { kernel, of: "the first of equals", inputs: [given([1, 3, 3, 1, 2, 1], [2, 3])], build: (x) => build(x, 1) },
      { kernel, of: "whole numbers", inputs: [whole([3, 5])], build: (x) => build(x, 1) },
    ];
  }),

  { kernel: "Softmax", inputs: [real([2, 3, 4])], build: (x) => tf.softmax(x) },
  {
    kernel: "Softmax",
    of: "far numbers",
    inputs: [real([3, 4], { from: -500, to: 500 })],
    build: (x) => tf.softmax(x),
  },
  { kernel: "Softmax", of: "a row with NaN", inputs: [rowWith(Number.NaN)], build: (x) => tf.softmax(x) },
  {
    kernel: "LogSoftmax",
    inputs: [real([2, 3, 4], { from: -50, to: 50 })],
    build: (logits) => tf.engine().runKernel("LogSoftmax", { logits }, { axis: -1 }) as tf.Tensor,
    reference: (x) => tf.logSoftmax(x),
  },

  ...[0, 1, 2].flatMap((axis) =>
    [false, true].flatMap((exclusive) =>
      [false, true].map((reverse): KernelCase => {
        const of = `along ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reversed" : ""}`;
        return {
          kernel: "Cumsum",
          of,
          inputs: [real([2, 3, 4])],
          build: (x) => tf.cumsum(x, axis, exclusive, reverse),
        };
      }),
    ),
  ),

  segments([5], [5, 3], { numSegments: 4 }),
  segments([2, 3], [2, 3, 2], { numSegments: 7 }),
  segments([6], [6], { numSegments: 3 }),
  {
    kernel: "UnsortedSegmentSum",
    of: "of whole numbers",
    inputs: [whole([4, 2]), whole([4], { from: 0, to: 2 })],
    build: (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3),
    // tfjs-cpu's own kernel answers with floats.
    reference: (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3).toInt(),
  },
];

function segments(
  ids: readonly number[],
  rows: readonly number[],
  { numSegments }: { numSegments: number },
): KernelCase {
  return {
    kernel: "UnsortedSegmentSum",
    of: `of [${rows}] by [${ids}]`,
    inputs: [real(rows), whole(ids, { from: 0, to: numSegments - 1 })],
    build: (x, segmentIds) =>
      tf.engine().runKernel(tf.UnsortedSegmentSum, { x, segmentIds }, { numSegments }) as tf.Tensor,
    // tfjs-cpu's own kernel knows ids of one axis alone.
    reference: (x, segmentIds) =>
      tf.unsortedSegmentSum(
        tf.reshape(x, [-1, ...rows.slice(ids.length)]),
        tf.reshape(segmentIds, [-1]) as tf.Tensor1D,
        numSegments,
      ),
  };
}

kernelContract(reductionKernels, cases);

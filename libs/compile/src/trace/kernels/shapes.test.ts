import { given, type KernelCase, kernelContract, real, truth, whole } from "../../../test/kernel-contract.js";
import { tf } from "../../tensorflow.js";
import { shapeKernels } from "./shapes.js";

const cube = [real([2, 3, 4])];
const of = (kernel: string, of: string, build: KernelCase["build"], inputs = cube): KernelCase => ({
  kernel,
  of,
  inputs,
  build,
});

const layout: KernelCase[] = [
  of("Identity", "", (x) => tf.clone(x)),
  of("Reshape", "to [6, 4]", (x) => tf.reshape(x, [6, 4])),
  of("Reshape", "with an open extent", (x) => tf.reshape(x, [4, -1])),
  of("Reshape", "to a number", (x) => tf.reshape(x, []), [real([1, 1])]),
  of("ExpandDims", "in front", (x) => tf.expandDims(x, 0)),
  of("ExpandDims", "at the end", (x) => tf.expandDims(x, -1)),
  of("Transpose", "reversed", (x) => tf.transpose(x)),
  of("Transpose", "[1, 2, 0]", (x) => tf.transpose(x, [1, 2, 0])),
  of("Tile", "", (x) => tf.tile(x, [1, 2, 3])),
  of("Tile", "an axis of extent 1", (x) => tf.tile(x, [4, 1]), [real([1, 3])]),
  {
    kernel: "BroadcastTo",
    inputs: [real([3, 1])],
    build: (x) => tf.engine().runKernel("BroadcastTo", { x }, { shape: [2, 3, 4] }) as tf.Tensor,
    reference: (x) => tf.broadcastTo(x, [2, 3, 4]),
  },
];

const casts = [given([-1.7, -0.5, 0, 0.5, 2.9]), whole([5]), truth([5])].flatMap((from) =>
  (["float32", "int32", "bool"] as const)
    .filter((to) => to !== from(0).dtype)
    .map((to) => of("Cast", `${from(0).dtype} to ${to}`, (x) => tf.cast(x, to), [from])),
);

const parts: KernelCase[] = [
  of("Slice", "of all axes", (x) => tf.slice(x, [0, 1, 2], [2, 2, 1])),
  of("Slice", "to the end", (x) => tf.slice(x, [1, 1, 0])),
  of("Slice", "of the first axis", (x) => tf.slice(x, 1)),
  of("StridedSlice", "by 2", (x) => tf.stridedSlice(x, [0, 0, 1], [2, 3, 4], [1, 2, 2])),
  of("StridedSlice", "backwards", (x) => tf.stridedSlice(x, [1, 2, 3], [-3, -4, 0], [-1, -1, -2])),
  of("StridedSlice", "with masks", (x) => tf.stridedSlice(x, [0, 1, 1], [1, 2, 3], [1, 1, 1], 1, 4, 0, 0, 2)),
  of("StridedSlice", "with a new axis", (x) => tf.stridedSlice(x, [0, 0], [2, 0], [1, 1], 0, 0, 0, 2)),
  of("Reverse", "one axis", (x) => tf.reverse(x, 1)),
  of("Reverse", "two axes", (x) => tf.reverse(x, [0, -1])),
  of("Reverse", "all axes", (x) => tf.reverse(x)),
  of("Unpack", "the first axis", (x) => tf.unstack(x)),
  of("Unpack", "the last axis", (x) => tf.unstack(x, -1)),
  of("SplitV", "evenly", (x) => tf.split(x, 2, -1)),
  of("SplitV", "unevenly", (x) => tf.split(x, [1, -1], 1)),
];

const two = [real([2, 3]), real([2, 3], { to: 9 })];
const joins: KernelCase[] = [
  of("Concat", "along 0", (a, b) => tf.concat([a, b] as tf.Tensor[], 0), two),
  of("Concat", "along -1", (a, b) => tf.concat([a, b] as tf.Tensor[], -1), two),
  of("Concat", "with an empty one", (a, b) => tf.concat([a, b, tf.zeros([0, 3])] as tf.Tensor[], 0), two),
  of("Pack", "in front", (a, b) => tf.stack([a, b] as tf.Tensor[]), two),
  of("Pack", "at the end", (a, b) => tf.stack([a, b] as tf.Tensor[], -1), two),
  of(
    "PadV2",
    "with zeros",
    (x) =>
      tf.pad(x, [
        [1, 0],
        [0, 2],
      ]),
    [real([2, 3])],
  ),
  of(
    "PadV2",
    "with a number",
    (x) =>
      tf.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        -7,
      ),
    [real([2, 3])],
  ),
  of("PadV2", "whole numbers", (x) => tf.pad(x, [[1, 2]], 9), [whole([4])]),
  of("PadV2", "truths", (x) => tf.pad(x, [[1, 2]], 1), [truth([4])]),
  of(
    "MirrorPad",
    "without the edge",
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [2, 0],
        ],
        "reflect",
      ),
    [real([3, 4])],
  ),
  of(
    "MirrorPad",
    "with the edge",
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 3],
          [2, 0],
        ],
        "symmetric",
      ),
    [real([3, 4])],
  ),
];

const made: KernelCase[] = [
  of("Fill", "", (x) => tf.add(x, tf.fill([3, 4], 2.5))),
  of("Fill", "whole numbers", () => tf.fill([3], 7, "int32"), []),
  of("Fill", "truths", () => tf.fill([3], 1, "bool"), []),
  of("Range", "by steps", () => tf.range(0.5, 3, 0.25), []),
  of("Range", "of whole numbers", () => tf.range(2, 7, 2, "int32"), []),
  of("Range", "downwards", () => tf.range(5, 0), []),
  of("Range", "downwards by steps", () => tf.range(5, 0, -2), []),
  of("LinSpace", "", () => tf.linspace(-1, 2, 7), []),
  of("LinSpace", "of one number", () => tf.linspace(3, 9, 1), []),
  of("OneHot", "", (x) => tf.oneHot(x, 4), [whole([2, 3], { from: 0, to: 3 })]),
  of("OneHot", "outside of its depth", (x) => tf.oneHot(x, 3), [whole([9], { from: -2, to: 5 })]),
  of("OneHot", "with other numbers", (x) => tf.oneHot(x, 3, 5, -1), [whole([4], { from: 0, to: 2 })]),
  of("OneHot", "smoothed", (x) => tf.oneHot(x, 3, 0.9, 0.05, "float32"), [whole([4], { from: 0, to: 2 })]),
  of("OneHot", "of floats", (x) => tf.oneHot(x, 3, 1, 0, "float32"), [whole([4], { from: 0, to: 2 })]),
];

const rows = (shape: readonly number[], extent: number) => whole(shape, { from: 0, to: extent - 1 });
const gathers: KernelCase[] = [
  of("GatherV2", "rows", (x, i) => tf.gather(x, i as tf.Tensor), [...cube, rows([5], 2)]),
  of("GatherV2", "by a matrix", (x, i) => tf.gather(x, i as tf.Tensor, 1), [...cube, rows([2, 2], 3)]),
  of("GatherV2", "along the last axis", (x, i) => tf.gather(x, i as tf.Tensor, -1), [...cube, rows([3], 4)]),
  of("GatherV2", "one axis in common", (x, i) => tf.gather(x, i as tf.Tensor, 1, 1), [...cube, rows([2, 5], 3)]),
  of("GatherV2", "one axis in common, along the last", (x, i) => tf.gather(x, i as tf.Tensor, 2, 1), [
    ...cube,
    rows([2, 5], 4),
  ]),
  of("GatherV2", "two axes in common", (x, i) => tf.gather(x, i as tf.Tensor, 2, 2), [...cube, rows([2, 3, 5], 4)]),
  of("GatherNd", "rows", (x, i) => tf.gatherND(x, i as tf.Tensor), [...cube, rows([5, 1], 2)]),
  of("GatherNd", "elements", (x, i) => tf.gatherND(x, i as tf.Tensor), [...cube, rows([2, 5, 3], 2)]),
];

kernelContract(shapeKernels, [...layout, ...casts, ...parts, ...joins, ...made, ...gathers]);

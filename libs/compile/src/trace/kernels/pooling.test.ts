import { expect, it } from "vitest";
import { given, type KernelCase, kernelContract, real } from "../../../test/kernel-contract.js";
import { floats, runGraph } from "../../../test/run-graph.js";
import { input } from "../../graph/node.js";
import { tf } from "../../tensorflow.js";
import { trace } from "../trace.js";
import { poolingKernels } from "./pooling.js";

interface Geometry {
  readonly x: readonly [number, number, number, number];
  readonly size: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad?: "same" | "valid" | number;
  readonly rounding?: "floor" | "ceil";
}

const geometries: readonly Geometry[] = [
  { x: [2, 4, 6, 3], size: 2, strides: 2 },
  { x: [2, 5, 7, 3], size: 2, strides: 2 },
  { x: [2, 5, 7, 2], size: 2, strides: 2, pad: "same" },
  { x: [2, 5, 6, 2], size: 3, strides: 2, pad: "same" },
  { x: [1, 6, 6, 2], size: 3, strides: 1, pad: "same" },
  { x: [1, 6, 7, 1], size: [3, 2], strides: [2, 3] },
  { x: [1, 5, 5, 2], size: 3, strides: 2, pad: 1, rounding: "floor" },
  { x: [1, 6, 6, 2], size: 3, strides: 2, pad: 1, rounding: "ceil" },
  { x: [2, 4, 4, 2], size: 1, strides: 2 },
  { x: [2, 3, 4, 2], size: 1, strides: 1 },
  { x: [1, 3, 3, 2], size: 3, strides: 1 },
];

function cases(geometry: Geometry): KernelCase[] {
  const { x, size, strides, pad = "valid", rounding } = geometry;
  const of = `[${x}] by ${size}, stride ${strides}, ${pad} ${rounding ?? ""}`;
  const { outShape } = tf.backend_util.computePool2DInfo([...x], size, strides, 1, pad, rounding);
  return (["max", "average"] as const).flatMap((kind): KernelCase[] => {
    const [pool, kernel] = kind === "max" ? [tf.maxPool, "MaxPool"] : [tf.avgPool, "AvgPool"];
    const forward = (images: tf.Tensor) => pool(images as tf.Tensor4D, size, strides, pad, rounding);
    // The gradient of TensorFlow.js forgets how its result was rounded.
    const gradients: KernelCase[] =
      rounding === "ceil"
        ? []
        : [
            {
              kernel: `${kernel}Grad`,
              of,
              inputs: [real(x), real(outShape, { from: -2 })],
              build: (images, dy) => tf.grad((variable: tf.Tensor) => forward(variable))(images as tf.Tensor, dy),
            },
          ];
    return [{ kernel, of, inputs: [real(x)], build: forward }, ...gradients];
  });
}

const equals = [1, 1, 3, 3, 1, 1, 3, 3, -1, -2, 0, -4, -1, -1, 0, 0];

kernelContract(poolingKernels, [
  ...geometries.flatMap(cases),
  {
    kernel: "MaxPoolGrad",
    of: "of windows with several largest pixels",
    inputs: [given(equals, [1, 4, 4, 1]), real([1, 2, 2, 1])],
    build: (x, dy) =>
      tf.grad((images: tf.Tensor) => tf.maxPool(images as tf.Tensor4D, 2, 2, "valid"))(x as tf.Tensor, dy),
  },
  {
    kernel: "MaxPoolGrad",
    of: "of negative windows beside padding",
    inputs: [real([1, 3, 3, 2], { from: -9, to: -1 }), real([1, 2, 2, 2])],
    build: (x, dy) =>
      tf.grad((images: tf.Tensor) => tf.maxPool(images as tf.Tensor4D, 2, 2, "same"))(x as tf.Tensor, dy),
  },
]);

it("gives the gradient of a window to the first of its largest pixels alone", async () => {
  const [x, dy] = [input("x", "float32", [1, 2, 4, 1]), input("dy", "float32", [1, 1, 2, 1])];
  const graph = trace((symbol) => ({
    y: tf.grad((images: tf.Tensor) => tf.maxPool(images as tf.Tensor4D, 2, 2, "valid"))(symbol(x), symbol(dy)),
  }));
  const given = { x: floats([1, 5, 2, 2, 5, 0, 2, 2], x.shape), dy: floats([10, 20], dy.shape) };
  expect((await runGraph(graph, given)).y).toEqual(floats([0, 10, 20, 0, 0, 0, 0, 0], x.shape));
});

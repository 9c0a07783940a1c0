import { expect, it } from "vitest";
import { type KernelCase, kernelContract, real } from "../../../test/kernel-contract.js";
import { input } from "../../graph/node.js";
import { tf } from "../../tensorflow.js";
import { trace } from "../trace.js";
import { convolutionKernels } from "./convolution.js";

type Explicit = [[number, number], [number, number], [number, number], [number, number]];

interface Geometry {
  /** `[N, H, W, C]`. */
  readonly x: readonly [number, number, number, number];
  /** `[kh, kw, C, O]`. */
  readonly filter: readonly [number, number, number, number];
  readonly strides?: number | [number, number];
  readonly pad?: "same" | "valid" | number | Explicit;
  readonly rounding?: "floor" | "round" | "ceil";
}

const geometries: readonly Geometry[] = [
  { x: [2, 5, 6, 3], filter: [3, 3, 3, 4] },
  { x: [2, 5, 6, 3], filter: [3, 3, 3, 4], pad: "valid" },
  { x: [2, 6, 6, 2], filter: [3, 3, 2, 3], strides: 2 },
  { x: [1, 7, 8, 2], filter: [3, 2, 2, 3], strides: [2, 3], pad: "valid" },
  { x: [1, 6, 7, 1], filter: [5, 3, 1, 2], strides: [1, 2] },
  { x: [2, 5, 5, 2], filter: [3, 3, 2, 2], pad: 2 },
  { x: [2, 6, 6, 2], filter: [3, 3, 2, 2], strides: 2, pad: 1, rounding: "floor" },
  { x: [2, 6, 6, 2], filter: [3, 3, 2, 2], strides: 2, pad: 1, rounding: "ceil" },
  {
    x: [1, 5, 5, 2],
    filter: [3, 3, 2, 2],
    strides: 2,
    pad: [
      [0, 0],
      [0, 2],
      [1, 0],
      [0, 0],
    ],
  },
  { x: [2, 4, 3, 3], filter: [1, 1, 3, 5] },
  { x: [2, 5, 4, 3], filter: [1, 1, 3, 2], strides: 2 },
  { x: [1, 4, 4, 2], filter: [1, 1, 2, 2], pad: 1 },
  { x: [1, 3, 3, 2], filter: [3, 3, 2, 4], pad: "valid" },
];

const describeGeometry = ({ x, filter, strides = 1, pad = "same", rounding }: Geometry) =>
  `[${x}] with [${filter}], stride ${strides}, ${JSON.stringify(pad)} ${rounding ?? ""}`;

function options({ strides = 1, pad = "same", rounding }: Geometry) {
  return { strides, pad, rounding } as const;
}

function convolve(x: tf.Tensor, filter: tf.Tensor, geometry: Geometry): tf.Tensor {
  const { strides, pad, rounding } = options(geometry);
  return tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad, "NHWC", 1, rounding);
}

/** Gradients for `dy`, which has the shape of the result. */
function gradient(of: "x" | "filter", forward: (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor) {
  return (x: tf.Tensor, filter: tf.Tensor, dy: tf.Tensor) =>
    of === "x"
      ? tf.grad((variable: tf.Tensor) => forward(variable, filter))(x, dy)
      : tf.grad((variable: tf.Tensor) => forward(x, variable))(filter, dy);
}

function outShape({ x, filter, strides = 1, pad = "same", rounding }: Geometry, depthwise = false): number[] {
  return tf.backend_util.computeConv2DInfo([...x], [...filter], strides, 1, pad, rounding, depthwise).outShape;
}

const dense: KernelCase[] = geometries.flatMap((geometry) => {
  const of = describeGeometry(geometry);
  const inputs = [real(geometry.x), real(geometry.filter)];
  const forward = (x: tf.Tensor, filter: tf.Tensor) => convolve(x, filter, geometry);
  const withGradient = [...inputs, real(outShape(geometry), { from: -2 })];
  const alone: KernelCase = { kernel: "Conv2D", of, inputs, build: forward };
  if (geometry.rounding === "ceil") return alone;
  return [
    alone,
    { kernel: "Conv2DBackpropInput", of, inputs: withGradient, build: gradient("x", forward) },
    { kernel: "Conv2DBackpropFilter", of, inputs: withGradient, build: gradient("filter", forward) },
  ];
});

const depthwise: KernelCase[] = geometries
  .filter(({ strides }) => !Array.isArray(strides))
  .flatMap((geometry) => {
    const of = describeGeometry(geometry);
    const { strides, pad, rounding } = options(geometry);
    const forward = (x: tf.Tensor, filter: tf.Tensor) =>
      tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, pad as "same", "NHWC", 1, rounding);
    const inputs = [real(geometry.x), real(geometry.filter)];
    const withGradient = [...inputs, real(outShape(geometry, true), { from: -2 })];
    return [
      { kernel: "DepthwiseConv2dNative", of, inputs, build: forward },
      { kernel: "DepthwiseConv2dNativeBackpropInput", of, inputs: withGradient, build: gradient("x", forward) },
      { kernel: "DepthwiseConv2dNativeBackpropFilter", of, inputs: withGradient, build: gradient("filter", forward) },
    ];
  });

const dilated: KernelCase[] = [2, [1, 3] as [number, number], [2, 1] as [number, number]].flatMap((dilations) =>
  (["same", "valid"] as const).flatMap((pad): KernelCase[] => [
    {
      kernel: "Conv2D",
      of: `dilated by ${dilations}, ${pad}`,
      inputs: [real([2, 7, 8, 2]), real([3, 2, 2, 3])],
      build: (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad, "NHWC", dilations),
    },
    {
      kernel: "DepthwiseConv2dNative",
      of: `dilated by ${dilations}, ${pad}`,
      inputs: [real([2, 7, 8, 2]), real([3, 2, 2, 3])],
      build: (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, pad, "NHWC", dilations),
    },
  ]),
);

const channelsFirst: KernelCase[] = [1, 2].flatMap((strides): KernelCase[] => {
  const forward = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, "same", "NCHW");
  const out = strides === 1 ? [2, 4, 5, 6] : [2, 4, 3, 3];
  const of = `channels first, stride ${strides}`;
  const inputs = [real([2, 3, 5, 6]), real([3, 3, 3, 4])];
  return [
    { kernel: "Conv2D", of, inputs, build: forward },
    { kernel: "Conv2DBackpropInput", of, inputs: [...inputs, real(out)], build: gradient("x", forward) },
    { kernel: "Conv2DBackpropFilter", of, inputs: [...inputs, real(out)], build: gradient("filter", forward) },
  ];
});

const transposed: KernelCase = {
  kernel: "Conv2DBackpropInput",
  of: "as tf.conv2dTranspose",
  inputs: [real([2, 4, 4, 3]), real([3, 3, 2, 3])],
  build: (x, filter) => tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 8, 2], 2, "same"),
};

type Fused = Omit<Parameters<typeof tf.fused.conv2d>[0], "x" | "filter" | "strides" | "pad">;

/** Inputs after images and filters are a bias and, where there is one more, slopes of a prelu. */
function fused(of: string, config: Fused, ...further: readonly (readonly number[])[]): KernelCase {
  const first = config.dataFormat === "NCHW";
  return {
    kernel: "FusedConv2D",
    of,
    inputs: [real(first ? [2, 3, 5, 4] : [2, 5, 4, 3]), real([3, 3, 3, 2]), ...further.map((shape) => real(shape))],
    build: (x, filter, bias, slopes) =>
      tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter: filter as tf.Tensor4D,
        strides: 1,
        pad: "same",
        ...(bias && { bias }),
        ...(slopes && { preluActivationWeights: slopes }),
        ...config,
      }),
  };
}

kernelContract(convolutionKernels, [
  ...dense,
  ...dilated,
  ...channelsFirst,
  transposed,
  ...depthwise,
  fused("alone", {}),
  fused("a bias", {}, [2]),
  fused("a bias of one number", {}, []),
  ...(["relu", "elu", "sigmoid", "relu6"] as const).map((activation) => fused(activation, { activation }, [2])),
  fused("leakyrelu", { activation: "leakyrelu", leakyreluAlpha: 0.3 }, [2]),
  fused("prelu", { activation: "prelu" }, [2], [2]),
  fused("channels first", { activation: "relu", dataFormat: "NCHW" }, [2]),
  fused("prelu, channels first", { activation: "prelu", dataFormat: "NCHW" }, [2], [2]),
  fused("dilated", { activation: "relu", dilations: [2, 1] }, [2]),
]);

it.each(["x", "filter"] as const)("refuses the gradient of %s of a convolution that rounds up", (of) => {
  const geometry: Geometry = { x: [1, 6, 6, 2], filter: [3, 3, 2, 2], strides: 2, pad: 1, rounding: "ceil" };
  const nodes = [geometry.x, geometry.filter, outShape(geometry)].map((shape, i) => input(`x${i}`, "float32", shape));
  const build = () =>
    trace((symbol) => {
      const [x, filter, dy] = nodes.map(symbol) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { y: gradient(of, (a, b) => convolve(a, b, geometry))(x, filter, dy) };
    });
  expect(build).toThrow("its result was [1,4,4,2], and TensorFlow.js takes the gradient of [1,3,3,2]");
});

it.each([
  [tf.DepthwiseConv2dNativeBackpropInput, "depthwiseConv2dNativeBackpropInput"],
  [tf.DepthwiseConv2dNativeBackpropFilter, "depthwiseConv2dNativeBackpropFilter"],
])("refuses %s with dilations, which TensorFlow.js computes without them", (kernel, operation) => {
  const [image, filter] = [input("x", "float32", [1, 6, 6, 2]), input("f", "float32", [3, 3, 2, 1])];
  const attributes = {
    strides: 1,
    pad: "same",
    dilations: [2, 2],
    inputShape: [1, 6, 6, 2],
    filterShape: [3, 3, 2, 1],
  };
  const build = () =>
    trace((symbol) => {
      const tensors = { x: symbol(image), dy: symbol(image), filter: symbol(filter) };
      return { y: tf.engine().runKernel(kernel, tensors, attributes) as tf.Tensor };
    });
  expect(build).toThrow(`${operation} cannot be compiled`);
});

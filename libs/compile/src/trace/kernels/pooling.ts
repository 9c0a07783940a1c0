import { cast, concat, elementwise, expand, reshape } from "../../graph/build.js";
import { constantOf, int, ints, type Node, operation } from "../../graph/node.js";
import { tf } from "../../tensorflow.js";
import type { KernelCall, Kernels } from "../kernel.js";
import {
  channelsFirst,
  inFormat,
  places,
  reached,
  requireGradientOf,
  shape4,
  transposedAttributes,
  type Windows,
  windowAttributes,
} from "./convolution-layout.js";

function windowsOf(shape: readonly number[], call: KernelCall): Windows {
  const { filterSize, strides, pad, dimRoundingMode } = call.attributes<tf.MaxPoolAttrs>();
  return tf.backend_util.computePool2DInfo(shape4(shape), filterSize, strides, 1, pad, dimRoundingMode);
}

function pool(operator: "MaxPool" | "AveragePool", x: Node, windows: Windows): Node {
  const { batchSize, outChannels, outHeight, outWidth, filterHeight, filterWidth } = windows;
  // In opset 17 the average has no dilations.
  const { pads, strides } = windowAttributes(windows);
  const pooled = operation(operator, [reached(channelsFirst(x, windows), windows)], {
    shape: [batchSize, outChannels, outHeight, outWidth],
    attributes: { kernel_shape: ints([filterHeight, filterWidth]), pads, strides },
  });
  return inFormat(pooled, windows);
}

/**
 * Adds up, for each pixel, what the windows say of it: `parts` `[N, OH, OW, P·C]` are what each window gives to each of its P places,
 * a channel's places side by side in `[C, P]` order. One transposed convolution of each channel with filters of a single 1.
 */
function scatter(parts: Node, filters: Node, windows: Windows): Node {
  const { batchSize, inChannels, inHeight, inWidth } = windows;
  const gradient = operation("ConvTranspose", [channelsFirst(parts, windows), filters], {
    shape: [batchSize, inChannels, inHeight, inWidth],
    attributes: { ...transposedAttributes(windows), group: int(inChannels) },
  });
  return inFormat(gradient, windows);
}

/** A 1 at each place of a window in turn, for each channel: `[C·P, 1, kh, kw]`. */
function singlePlaces({ inChannels, filterHeight, filterWidth }: Windows): Node {
  const count = filterHeight * filterWidth;
  const values = new Float32Array(inChannels * count * count);
  for (let i = 0; i < inChannels * count; i++) values[i * count + (i % count)] = 1;
  return constantOf(values, "float32", [inChannels * count, 1, filterHeight, filterWidth]);
}

/** The gradient goes to the first pixel, row by row, that is its window's largest. */
function maxPoolGradient(dy: Node, x: Node, y: Node, windows: Windows): Node {
  requireGradientOf(windows, dy);
  const { batchSize, outHeight, outWidth, inChannels } = windows;
  let left: Node = expand(constantOf([1], "float32"), y.shape);
  const shares = places(x, windows, Number.NEGATIVE_INFINITY).map((seen) => {
    const largest = cast(elementwise("Equal", [seen, y], "bool"), "float32");
    const first = elementwise("Mul", [largest, left]);
    left = elementwise("Sub", [left, first]);
    return reshape(elementwise("Mul", [first, dy]), [...dy.shape, 1]);
  });
  const parts = reshape(concat(shares, 4), [batchSize, outHeight, outWidth, inChannels * shares.length]);
  return scatter(parts, singlePlaces(windows), windows);
}

export const poolingKernels: Kernels = {
  MaxPool: (call) => {
    const x = call.input("x");
    return pool("MaxPool", x, windowsOf(x.shape, call));
  },
  MaxPoolGrad: (call) => {
    const [dy, x, y] = [call.input("dy"), call.input("input"), call.input("output")];
    return maxPoolGradient(dy, x, y, windowsOf(x.shape, call));
  },
  AvgPool: (call) => {
    const x = call.input("x");
    return pool("AveragePool", x, windowsOf(x.shape, call));
  },
  /** Every pixel of a window gets an equal share, those outside of the image too, although the average leaves them out: as TensorFlow.js. */
  AvgPoolGrad: (call) => {
    const [dy, x] = [call.input("dy"), call.input("input")];
    const windows = windowsOf(x.shape, call);
    requireGradientOf(windows, dy);
    const { inChannels, filterHeight, filterWidth } = windows;
    const share = constantOf([1 / (filterHeight * filterWidth)], "float32");
    return scatter(dy, expand(share, [inChannels, 1, filterHeight, filterWidth]), windows);
  },
};

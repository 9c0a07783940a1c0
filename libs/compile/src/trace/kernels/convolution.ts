import { concat, elementwise, matMul, reshape, transpose, transposeMatrix } from "../../graph/build.js";
import { int, type Node, operation } from "../../graph/node.js";
import { tf } from "../../tensorflow.js";
import { UntraceableError } from "../../untraceable-error.js";
import type { Kernel, KernelCall, Kernels } from "../kernel.js";
import {
  channelsFirst,
  channelsLast,
  inFormat,
  places,
  reached,
  requireGradientOf,
  rows,
  shape4,
  transposedAttributes,
  type Windows,
  windowAttributes,
} from "./convolution-layout.js";
import { elementwiseKernels } from "./elementwise.js";

type Common = Pick<tf.Conv2DAttrs, "strides" | "pad" | "dimRoundingMode"> & {
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: [number, number] | number;
};

/** The windows of a convolution of images of `shape` with filters `[kh, kw, C, O]`, or `[kh, kw, C, M]` where each channel has its own. */
function windowsOf(
  shape: readonly number[],
  filter: readonly number[],
  attributes: Common,
  depthwise = false,
): Windows {
  const { strides, pad, dimRoundingMode, dataFormat = "NHWC", dilations = 1 } = attributes;
  return tf.backend_util.computeConv2DInfo(
    shape4(shape),
    shape4(filter),
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
}

/** Whether each window is one pixel, and each pixel a window: the convolution is a matrix product. */
function isPointwise({ filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth, padInfo }: Windows): boolean {
  const onePixel = filterHeight === 1 && filterWidth === 1 && padInfo.top === 0 && padInfo.left === 0;
  return onePixel && inHeight === outHeight && inWidth === outWidth;
}

/** Filters `[kh, kw, C, O]` as the matrix `[C, O]` of a pointwise convolution. */
const matrix = (filter: Node) => reshape(filter, filter.shape.slice(2));

function convolve(x: Node, filter: Node, windows: Windows): Node {
  if (isPointwise(windows) && windows.dataFormat === "channelsLast") {
    return reshape(matMul(rows(x), matrix(filter)), windows.outShape);
  }
  const images = channelsFirst(x, windows);
  const { batchSize, outChannels, outHeight, outWidth } = windows;
  const convolved = operation("Conv", [reached(images, windows), transpose(filter, [3, 2, 0, 1])], {
    shape: [batchSize, outChannels, outHeight, outWidth],
    attributes: windowAttributes(windows),
  });
  return inFormat(convolved, windows);
}

/** The gradient of the images: Conv's transpose. */
function inputGradient(dy: Node, filter: Node, windows: Windows): Node {
  requireGradientOf(windows, dy);
  if (isPointwise(windows) && windows.dataFormat === "channelsLast") {
    return reshape(matMul(rows(dy), transposeMatrix(matrix(filter))), windows.inShape);
  }
  const { batchSize, inChannels, inHeight, inWidth } = windows;
  const gradient = operation("ConvTranspose", [channelsFirst(dy, windows), transpose(filter, [3, 2, 0, 1])], {
    shape: [batchSize, inChannels, inHeight, inWidth],
    attributes: transposedAttributes(windows),
  });
  return inFormat(gradient, windows);
}

/**
 * The gradient of the filters: patchesᵀ dy, each row of the patches being what one window sees. A Conv with batch and channels
 * exchanged computes the same, with products that are `kh·kw` wide: 64 images 14 × 14, 16 → 32 channels, 3 × 3, took 5.4 ms
 * against 3.7. The narrower of the two is transposed, as it is copied for that (1.1 ms against 0.7; one thread, AMD EPYC).
 */
function filterGradient(x: Node, dy: Node, windows: Windows): Node {
  requireGradientOf(windows, dy);
  const images = channelsLast(x, windows);
  const patches = rows(isPointwise(windows) ? images : concat(places(images, windows), 3));
  const gradients = rows(channelsLast(dy, windows));
  const patchesAreNarrower = (patches.shape[1] as number) < (gradients.shape[1] as number);
  const product = patchesAreNarrower
    ? matMul(transposeMatrix(patches), gradients)
    : transposeMatrix(matMul(transposeMatrix(gradients), patches));
  return reshape(product, windows.filterShape);
}

/** Filters `[kh, kw, C, M]` of single channels as ONNX has them, `[C·M, 1, kh, kw]`. */
function channelFilters(filter: Node, { filterHeight, filterWidth, outChannels }: Windows): Node {
  return reshape(transpose(filter, [2, 3, 0, 1]), [outChannels, 1, filterHeight, filterWidth]);
}

function convolveChannels(x: Node, filter: Node, windows: Windows): Node {
  const { batchSize, inChannels, outChannels, outHeight, outWidth } = windows;
  const images = reached(channelsFirst(x, windows), windows);
  const convolved = operation("Conv", [images, channelFilters(filter, windows)], {
    shape: [batchSize, outChannels, outHeight, outWidth],
    attributes: { ...windowAttributes(windows), group: int(inChannels) },
  });
  return inFormat(convolved, windows);
}

function channelsInputGradient(dy: Node, filter: Node, windows: Windows): Node {
  const { batchSize, inChannels, inHeight, inWidth } = windows;
  const gradient = operation("ConvTranspose", [channelsFirst(dy, windows), channelFilters(filter, windows)], {
    shape: [batchSize, inChannels, inHeight, inWidth],
    attributes: { ...transposedAttributes(windows), group: int(inChannels) },
  });
  return inFormat(gradient, windows);
}

/** The same product as `filterGradient`, of each channel with its own results. */
function channelsFilterGradient(x: Node, dy: Node, windows: Windows): Node {
  const { batchSize, outHeight, outWidth, inChannels, outChannels, filterHeight, filterWidth } = windows;
  const seen = batchSize * outHeight * outWidth;
  const [size, multiples] = [filterHeight * filterWidth, outChannels / inChannels];
  const patches = transpose(reshape(concat(places(x, windows), 3), [seen, size, inChannels]), [2, 1, 0]);
  const gradients = transpose(reshape(dy, [seen, inChannels, multiples]), [1, 0, 2]);
  return reshape(transpose(matMul(patches, gradients), [1, 0, 2]), [filterHeight, filterWidth, inChannels, multiples]);
}

/** TensorFlow.js itself has gradients of convolutions without dilation alone; the kernels of others would be wrong there. */
function requireDense(operation: string, { dilations = 1 }: Common): void {
  if ([dilations].flat().every((dilation) => dilation === 1)) return;
  throw new UntraceableError(
    operation,
    "TensorFlow.js has no gradient of a dilated convolution",
    "Write the dilation with tf.pad, tf.slice and tf.concat, or leave it out.",
  );
}

const activationKernels: Readonly<Record<string, Kernel | undefined>> = {
  linear: (call) => call.input("x"),
  relu: elementwiseKernels.Relu,
  relu6: elementwiseKernels.Relu6,
  elu: elementwiseKernels.Elu,
  sigmoid: elementwiseKernels.Sigmoid,
  leakyrelu: elementwiseKernels.LeakyRelu,
  prelu: elementwiseKernels.Prelu,
};

/** What `activation` makes of `x`, by the kernel of that name. */
function activate(x: Node, slopes: Node | undefined, { activation, leakyreluAlpha }: tf.FusedConv2DAttrs): Node {
  const kernel = activationKernels[activation];
  if (kernel === undefined) {
    throw new UntraceableError(
      `tf.fused.conv2d with ${activation}`,
      "that activation has no fused form here",
      "Write the convolution, the sum and the activation as three operations.",
    );
  }
  const inputs: Readonly<Record<string, Node | undefined>> = { x, alpha: slopes };
  const call: KernelCall = {
    input: (name) => inputs[name] as Node,
    optional: (name) => inputs[name],
    inputs: () => [x],
    attributes: <T>() => ({ alpha: leakyreluAlpha }) as T,
  };
  return kernel(call) as Node;
}

/** A vector with one number a channel, for images of this format; others broadcast as they are. */
function perChannel(given: Node, { dataFormat }: Windows): Node {
  const alone = dataFormat === "channelsFirst" && given.shape.length === 1;
  return alone ? reshape(given, [...given.shape, 1, 1]) : given;
}

export const convolutionKernels: Kernels = {
  Conv2D: (call) => {
    const [x, filter] = [call.input("x"), call.input("filter")];
    return convolve(x, filter, windowsOf(x.shape, filter.shape, call.attributes<tf.Conv2DAttrs>()));
  },
  Conv2DBackpropInput: (call) => {
    const [dy, filter] = [call.input("dy"), call.input("filter")];
    const attributes = call.attributes<tf.Conv2DBackpropInputAttrs>();
    return inputGradient(dy, filter, windowsOf(attributes.inputShape, filter.shape, attributes));
  },
  Conv2DBackpropFilter: (call) => {
    const [x, dy] = [call.input("x"), call.input("dy")];
    const attributes = call.attributes<tf.Conv2DBackpropFilterAttrs>();
    return filterGradient(x, dy, windowsOf(x.shape, attributes.filterShape, attributes));
  },
  FusedConv2D: (call) => {
    const [x, filter, bias] = [call.input("x"), call.input("filter"), call.optional("bias")];
    const slopes = call.optional("preluActivationWeights");
    const attributes = call.attributes<tf.FusedConv2DAttrs>();
    const windows = windowsOf(x.shape, filter.shape, attributes);
    const linear = convolve(x, filter, windows);
    const shifted = bias === undefined ? linear : elementwise("Add", [linear, perChannel(bias, windows)]);
    return activate(shifted, slopes && perChannel(slopes, windows), attributes);
  },
  DepthwiseConv2dNative: (call) => {
    const [x, filter] = [call.input("x"), call.input("filter")];
    const windows = windowsOf(x.shape, filter.shape, call.attributes<tf.DepthwiseConv2dNativeAttrs>(), true);
    return convolveChannels(x, filter, windows);
  },
  DepthwiseConv2dNativeBackpropInput: (call) => {
    const [dy, filter] = [call.input("dy"), call.input("filter")];
    const attributes = call.attributes<tf.DepthwiseConv2dNativeBackpropInputAttrs>();
    requireDense("depthwiseConv2dNativeBackpropInput", attributes);
    return channelsInputGradient(dy, filter, windowsOf(attributes.inputShape, filter.shape, attributes, true));
  },
  DepthwiseConv2dNativeBackpropFilter: (call) => {
    const [x, dy] = [call.input("x"), call.input("dy")];
    const attributes = call.attributes<tf.DepthwiseConv2dNativeBackpropFilterAttrs>();
    requireDense("depthwiseConv2dNativeBackpropFilter", attributes);
    return channelsFilterGradient(x, dy, windowsOf(x.shape, attributes.filterShape, attributes, true));
  },
};

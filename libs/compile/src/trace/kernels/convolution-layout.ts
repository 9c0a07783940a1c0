import { reshape, slice, transpose } from "../../graph/build.js";
import { constantOf, integers, ints, type Node, operation, sameShape } from "../../graph/node.js";
import type { tf } from "../../tensorflow.js";
import { UntraceableError } from "../../untraceable-error.js";
import { runningOperation } from "../operation-scope.js";

/** Where the windows of a convolution or pooling lie, as TensorFlow.js computes it. */
export type Windows = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** Four extents, as TensorFlow.js types them. */
export type Shape4 = [number, number, number, number];

export const shape4 = (shape: readonly number[]) => [...shape] as Shape4;

/** The gradients of TensorFlow.js count windows without the `dimRoundingMode` that the results were made with: where that matters, they are wrong. */
export function requireGradientOf(windows: Windows, dy: Node): void {
  if (sameShape(dy.shape, windows.outShape)) return;
  throw new UntraceableError(
    runningOperation() ?? "gradient",
    `its result was [${dy.shape}], and TensorFlow.js takes the gradient of [${windows.outShape}]`,
    "Round down, or pad so that the windows fit without rounding.",
  );
}

/** Images `[N, H, W, C]` or `[N, C, H, W]` as ONNX has them, `[N, C, H, W]`. */
export function channelsFirst(x: Node, { dataFormat }: Windows): Node {
  return dataFormat === "channelsLast" ? transpose(x, [0, 3, 1, 2]) : x;
}

/** Images `[N, C, H, W]` in the format of the call. */
export function inFormat(x: Node, { dataFormat }: Windows): Node {
  return dataFormat === "channelsLast" ? transpose(x, [0, 2, 3, 1]) : x;
}

/** Images in either format as `[N, H, W, C]`. */
export function channelsLast(x: Node, { dataFormat }: Windows): Node {
  return dataFormat === "channelsLast" ? x : transpose(x, [0, 2, 3, 1]);
}

/** How far the last window of an axis ends behind the input; negative where the input has rows that no window reaches. */
function behind(windows: Windows): readonly [number, number] {
  const { outHeight, outWidth, strideHeight, strideWidth, inHeight, inWidth, padInfo } = windows;
  const { effectiveFilterHeight, effectiveFilterWidth } = windows;
  return [
    (outHeight - 1) * strideHeight + effectiveFilterHeight - inHeight - padInfo.top,
    (outWidth - 1) * strideWidth + effectiveFilterWidth - inWidth - padInfo.left,
  ];
}

/**
 * The attributes that an ONNX operator over these windows needs. Its padding is what the windows reach: TensorFlow.js gives some of
 * its own sides more or less than that.
 */
export function windowAttributes(windows: Windows) {
  const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } = windows;
  const [bottom, right] = behind(windows);
  return {
    pads: ints([padInfo.top, padInfo.left, Math.max(0, bottom), Math.max(0, right)]),
    strides: ints([strideHeight, strideWidth]),
    dilations: ints([dilationHeight, dilationWidth]),
  };
}

/** The same for a transposed operator, whose results are the windows' inputs: what no window reaches is `output_padding`. */
export function transposedAttributes(windows: Windows) {
  const [bottom, right] = behind(windows);
  return {
    ...windowAttributes(windows),
    output_padding: ints([Math.max(0, -bottom), Math.max(0, -right)]),
  };
}

/** Only as much of `[N, C, H, W]` as windows reach, so that an operator makes exactly as many windows as there are. */
export function reached(x: Node, windows: Windows): Node {
  const [bottom, right] = behind(windows);
  const [count, channels, height, width] = shape4(x.shape);
  return slice(x, [0, 0, 0, 0], [count, channels, height + Math.min(0, bottom), width + Math.min(0, right)]);
}

/**
 * What each window position holds: for each place in a window, `[N, OH, OW, C]`, row by row; images are `[N, H, W, C]`, `padding`
 * what lies outside.
 */
export function places(images: Node, windows: Windows, padding = 0): Node[] {
  const { outHeight, outWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = windows;
  const padded = padImages(images, windows, padding);
  const [count, , , channels] = shape4(images.shape);
  const { filterHeight, filterWidth } = windows;
  return Array.from({ length: filterHeight * filterWidth }, (_, place) => {
    const top = Math.floor(place / filterWidth) * dilationHeight;
    const left = (place % filterWidth) * dilationWidth;
    const shape = [count, outHeight, outWidth, channels];
    if (strideHeight === 1 && strideWidth === 1) return slice(padded, [0, top, left, 0], shape);
    const ends = [top + (outHeight - 1) * strideHeight + 1, left + (outWidth - 1) * strideWidth + 1];
    const bounds = [integers([top, left]), integers(ends), integers([1, 2]), integers([strideHeight, strideWidth])];
    return operation("Slice", [padded, ...bounds], { shape });
  });
}

function padImages(images: Node, windows: Windows, padding: number): Node {
  const { top, left } = windows.padInfo;
  const [bottom, right] = behind(windows).map((extent) => Math.max(0, extent)) as [number, number];
  if (top + left + bottom + right === 0) return images;
  const [count, height, width, channels] = shape4(images.shape);
  return operation(
    "Pad",
    [images, integers([0, top, left, 0, 0, bottom, right, 0]), constantOf([padding], "float32")],
    {
      shape: [count, top + height + bottom, left + width + right, channels],
    },
  );
}

/** `[N, OH, OW, C]` as rows `[N·OH·OW, C]`. */
export function rows(images: Node): Node {
  const channels = images.shape.at(-1) as number;
  const count = images.shape.slice(0, -1).reduce((product, extent) => product * extent, 1);
  return reshape(images, [count, channels]);
}

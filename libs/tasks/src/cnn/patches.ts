import * as tf from "@tensorflow/tfjs-core";
import type { ConvolutionShape } from "./spec.js";

type PatchShape = Pick<ConvolutionShape, "kernel" | "pooling" | "width" | "pooledWidth">;

/** Positions of a convolution, each way, that one pooled pixel takes together. */
export function positionsOf({ pooling }: Pick<ConvolutionShape, "pooling">): number {
  return pooling === "none" ? 1 : 2;
}

/**
 * What the filters of a convolution see of images `[N, W, W, C]`, zeros around them: for each position of a pooling window, row by row,
 * the patches `[N, P, P, kernel² C]` of all windows, P = `pooledWidth`. With the positions apart, pooling works on whole tensors.
 */
export function patches(images: tf.Tensor, shape: PatchShape): tf.Tensor[] {
  const { kernel, pooledWidth } = shape;
  const positions = positionsOf(shape);
  const count = images.shape[0] as number;
  const channels = images.shape[3] as number;
  const parts = quarters(images, shape);
  const seen = new Map<string, tf.Tensor>();
  // The pixel (row, column) of each 2 × 2 step through the padded images.
  const pixels = (row: number, column: number) => {
    const key = `${row} ${column}`;
    const begin = [2 * (row % 2) + (column % 2), 0, row >> 1, column >> 1, 0];
    const made =
      seen.get(key) ??
      tf.reshape(tf.slice(parts, begin, [1, count, pooledWidth, pooledWidth, channels]), [
        count,
        pooledWidth,
        pooledWidth,
        channels,
      ]);
    seen.set(key, made);
    return made;
  };
  return Array.from({ length: positions ** 2 }, (_, position) => {
    const [top, left] = [Math.floor(position / positions), position % positions];
    const places = Array.from({ length: kernel ** 2 }, (__, place) =>
      pixels(top + Math.floor(place / kernel), left + (place % kernel)),
    );
    return tf.concat(places, 3);
  });
}

/** Padded images by even and odd rows and columns, `[4, N, L, L, C]`: what a step of 2 reads then lies side by side. */
function quarters(images: tf.Tensor, shape: PatchShape): tf.Tensor {
  const { kernel, width, pooledWidth } = shape;
  const [count, , , channels] = images.shape as [number, number, number, number];
  const length = pooledWidth + ((positionsOf(shape) + kernel - 2) >> 1);
  const before = (kernel - 1) / 2;
  const behind = 2 * length - width - before;
  const kept = Math.min(width, 2 * length - before);
  const read = kept === width ? images : tf.slice(images, [0, 0, 0, 0], [count, kept, kept, channels]);
  const around: [number, number] = [before, Math.max(0, behind)];
  const padded = tf.pad(read, [[0, 0], around, around, [0, 0]]);
  const split = tf.reshape(padded, [count, length, 2, length, 2, channels]);
  return tf.reshape(tf.transpose(split, [2, 4, 0, 1, 3, 5]), [4, count, length, length, channels]);
}

/**
 * The gradient of images `[N, W, W, C]` from that of what one filter bank `[kernel² C, O]` made of them, `[N, P, P, O]` for each
 * position: the transposed convolution.
 */
export function imageGradient(
  gradients: readonly tf.Tensor[],
  filters: tf.Tensor,
  { kernel, width, pooling, pooledWidth, into, groups }: ConvolutionShape,
): tf.Tensor {
  const count = gradients[0]?.shape[0] as number;
  const out = filters.shape.at(-1) as number;
  const channels = into / groups;
  const bank = tf.reshape(filters, [kernel, kernel, channels, out]) as tf.Tensor4D;
  const target: [number, number, number, number] = [count, width, width, channels];
  if (pooling === "none") {
    const before = (kernel - 1) / 2;
    const behind = Math.max(0, 2 * (pooledWidth - 1) + kernel - width - before);
    const [dy] = gradients as [tf.Tensor4D];
    return tf.conv2dTranspose(dy, bank, target, 2, [
      [0, 0],
      [before, behind],
      [before, behind],
      [0, 0],
    ]);
  }
  const apart = tf.reshape(tf.stack([...gradients]), [2, 2, count, pooledWidth, pooledWidth, out]);
  const whole = tf.reshape(tf.transpose(apart, [2, 3, 0, 4, 1, 5]), [count, 2 * pooledWidth, 2 * pooledWidth, out]);
  const unread: [number, number] = [0, width - 2 * pooledWidth];
  const dy = unread[1] === 0 ? whole : tf.pad(whole, [[0, 0], unread, unread, [0, 0]]);
  return tf.conv2dTranspose(dy as tf.Tensor4D, bank, target, 1, "same");
}

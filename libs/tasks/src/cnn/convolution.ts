import * as tf from "@tensorflow/tfjs-core";
import { imageGradient, patches } from "./patches.js";
import { poolingRules } from "./pooling.js";
import type { ConvolutionShape } from "./spec.js";

interface ConvolutionOptions {
  readonly shape: ConvolutionShape;
  /** Whether the images depend on parameters; then G = K. */
  readonly ofImages: boolean;
}

/**
 * Images `[G, B, W, W, C]`, G = 1 or K, convolved with filters `[K, kernel² C / groups, O]` and pooled: `[K, B, P, P, O]`, P =
 * `pooledWidth`. Zeros around the images keep their width under a stride of 1.
 *
 * A product of patches with the filters, written out with its gradients, which share the patches. The trials of a cohort are one
 * product of stacks; the images' gradient is one transposed convolution a trial.
 */
export function convolvePooled(images: tf.Tensor, filters: tf.Tensor, options: ConvolutionOptions): tf.Tensor {
  const { groups, into, out } = options.shape;
  if (groups === 1) return convolveGroup(images, filters, options);
  const made = Array.from({ length: groups }, (_, group) =>
    convolveGroup(channelsOf(images, group, into / groups), channelsOf(filters, group, out / groups), options),
  );
  return tf.concat(made, 4);
}

/** The channels, along the last axis, of one group. */
function channelsOf(x: tf.Tensor, group: number, count: number): tf.Tensor {
  const begin = x.shape.map((_, axis) => (axis === x.rank - 1 ? group * count : 0));
  return tf.slice(x, begin, [...x.shape.slice(0, -1), count]);
}

function convolveGroup(images: tf.Tensor, filters: tf.Tensor, { shape, ofImages }: ConvolutionOptions): tf.Tensor {
  const rule = poolingRules[shape.pooling];
  const [stacks, batch] = images.shape as [number, number];
  const [trials, , out] = filters.shape as [number, number, number];
  const pooledShape = [trials, batch, shape.pooledWidth, shape.pooledWidth, out];

  const forward = (pixels: tf.Tensor, bank: tf.Tensor, save: tf.GradSaveFunc) => {
    const rows = patches(tf.reshape(pixels, [-1, ...pixels.shape.slice(2)]), shape);
    const operands = rule.operands(rows).map((seen) => tf.reshape(seen, [stacks, -1, seen.shape[3] as number]));
    const products = operands.map((operand) => tf.matMul(operand, bank));
    save([bank, ...operands, ...products]);
    return tf.reshape(rule.pool(products), pooledShape);
  };
  const backward = (dy: tf.Tensor, saved: readonly tf.Tensor[]) => {
    const count = (saved.length - 1) / 2;
    const [bank, operands, products] = [saved[0] as tf.Tensor, saved.slice(1, 1 + count), saved.slice(1 + count)];
    const gradients = rule.ofProducts(tf.reshape(dy, (products[0] as tf.Tensor).shape), products);
    const ofFilters = sum(operands.map((operand, i) => filterGradient(operand, gradients[i] as tf.Tensor)));
    return ofImages ? [ofFilters, ofStack(rule.ofPositions(gradients), bank, shape)] : ofFilters;
  };
  if (!ofImages) {
    return tf.customGrad((...inputs) => {
      const [bank, save] = inputs as unknown as [tf.Tensor, tf.GradSaveFunc];
      return { value: forward(images, bank, save), gradFunc: backward };
    })(filters);
  }
  return tf.customGrad((...inputs) => {
    const [bank, pixels, save] = inputs as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    return { value: forward(pixels, bank, save), gradFunc: backward };
  })(filters, images);
}

/**
 * Patchesᵀ dy of each trial, `[K, kernel² C, O]`; the narrower of the two is transposed, which is the one to be copied: 3,136 × 144
 * patches and 3,136 × 32 gradients took 0.7 ms, and 1.1 the other way (one thread, AMD EPYC).
 */
function filterGradient(operand: tf.Tensor, gradient: tf.Tensor): tf.Tensor {
  const patchesAreNarrower = (operand.shape[2] as number) < (gradient.shape[2] as number);
  if (patchesAreNarrower) return tf.matMul(operand, gradient, true);
  return tf.transpose(tf.matMul(gradient, operand, true), [0, 2, 1]);
}

function sum(terms: readonly tf.Tensor[]): tf.Tensor {
  return terms.reduce((total, term) => tf.add(total, term));
}

/** The gradient of the images `[K, B, W, W, C]` from those of each position's convolution, `[K, B P P, O]`. */
function ofStack(gradients: readonly tf.Tensor[], filters: tf.Tensor, shape: ConvolutionShape): tf.Tensor {
  const { pooledWidth } = shape;
  const [trials, size, out] = filters.shape as [number, number, number];
  const ofTrials = Array.from({ length: trials }, (_, k) => {
    const own = gradients.map((gradient) => {
      const rows = gradient.shape[1] as number;
      return tf.reshape(tf.slice(gradient, [k, 0, 0], [1, rows, out]), [-1, pooledWidth, pooledWidth, out]);
    });
    return imageGradient(own, tf.slice(filters, [k, 0, 0], [1, size, out]), shape);
  });
  return tf.stack(ofTrials);
}

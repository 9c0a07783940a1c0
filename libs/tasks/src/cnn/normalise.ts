import * as tf from "@tensorflow/tfjs-core";
import { type CnnSpec, normalisedChannels } from "./spec.js";

const epsilon = 1e-5;

/**
 * Images `[B, P, P, C]` brought to mean 0 and variance 1.
 *
 *   y = (x − mean x) / √(var x + ε),  ε = 10⁻⁵
 *
 * `batch`: each channel over the whole batch (Ioffe & Szegedy, 2015, arXiv:1502.03167), whatever batch that is: unlike theirs, an
 * evaluation uses the statistics of the held-out images. `layer`: each image over all its channels (Ba, Kiros & Hinton, 2016,
 * arXiv:1607.06450). `group`: each image over eight channels at a time (Wu & He, 2018, arXiv:1803.08494).
 */
export function normalise(images: tf.Tensor, normalisation: CnnSpec["normalisation"]): tf.Tensor {
  if (normalisation === "none") return images;
  const [batch, width, , channels] = images.shape as [number, number, number, number];
  if (normalisation === "batch") {
    return tf.reshape(standardised(tf.reshape(images, [-1, channels]), [0]), images.shape);
  }
  const together = normalisation === "layer" ? channels : normalisedChannels;
  const apart = tf.reshape(images, [batch, width * width, channels / together, together]);
  return tf.reshape(standardised(apart, [1, 3]), images.shape);
}

function standardised(x: tf.Tensor, axes: number[]): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon)));
}

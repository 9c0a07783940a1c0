import type { Stream } from "@stride/random";
import * as tf from "@tensorflow/tfjs-core";
import { softmaxCrossEntropy } from "../mlp/cross-entropy.js";
import { imageClasses } from "../mlp/image-data.js";
import { labelledImages } from "../mlp/labelled-images.js";
import type { Batch, ParameterShape, Task } from "../task.js";
import { convolvePooled } from "./convolution.js";
import { normalise } from "./normalise.js";
import { type CnnSpec, type ConvolutionShape, classifierInputs, convolutionShapes } from "./spec.js";

/** Name of the uniform numbers that decide which of the classifier's inputs are left out. */
const dropoutDraw = "dropout";

/**
 * Softmax cross-entropy of a convolutional network on images of ten classes. Each layer convolves, pools, normalises, adds a bias and
 * takes the ReLU: a bias and a ReLU before the largest of four would give the same, on four times the pixels.
 */
export async function createCnn(spec: CnnSpec): Promise<Task> {
  const { data, batch, dropout } = spec;
  const [training, evaluation] = await Promise.all([
    labelledImages({ data, split: "training", count: spec.trainingSize }),
    labelledImages({ data, split: "test", count: spec.evaluationSize }),
  ]);
  const parameters = parameterShapes(spec);
  const units = classifierInputs(spec);
  return {
    parameters,
    batchSize: batch,
    training,
    evaluation,
    ...(dropout > 0 ? { draws: [{ name: dropoutDraw, shape: [batch, units], distribution: "uniform" }] } : {}),
    perturbable: { labels: { array: "labels", classes: imageClasses }, inputs: "pixels" },
    init: (random) => initialParameters(random, parameters),
    loss: (given, batch) => tf.concat(apart(given, batch).map((trial) => trialLoss(spec, trial))),
    evaluate: (given, heldOut) =>
      tf.concat(apart(given, heldOut).map((trial) => tf.tidy(() => trialLoss({ ...spec, dropout: 0 }, trial)))),
  };
}

/**
 * Of each layer its filters `[kernel² C / groups, O]`, its bias `[1, O]` and, where it normalises, the scale of what that leaves; then the
 * classifier's weights `[in, 10]` and bias.
 */
function parameterShapes(spec: CnnSpec): ParameterShape[] {
  const layers = convolutionShapes(spec).flatMap(({ kernel, into, out, groups }, i) => [
    { name: `filters${i}`, shape: [(kernel ** 2 * into) / groups, out] },
    { name: `bias${i}`, shape: [1, out] },
    ...(spec.normalisation === "none" ? [] : [{ name: `scale${i}`, shape: [1, out] }]),
  ]);
  return [
    ...layers,
    { name: "weights", shape: [classifierInputs(spec), imageClasses] },
    { name: "bias", shape: [1, imageClasses] },
  ];
}

/** Filters and weights at N(0, 2 / fan-in), biases at 0, scales at 1: He et al., 2015 (arXiv:1502.01852). */
function initialParameters(random: Stream, parameters: readonly ParameterShape[]): Float32Array[] {
  return parameters.map(({ name, shape }, i) => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (name.startsWith("bias")) return new Float32Array(size);
    if (name.startsWith("scale")) return new Float32Array(size).fill(1);
    const deviation = Math.sqrt(2 / (shape[0] as number));
    return Float32Array.from(random.normals(i, size), (value) => deviation * value);
  });
}

/** Parameters and batch of one trial: both without their first axis. */
interface Trial {
  readonly parameters: readonly tf.Tensor[];
  readonly arrays: Batch["arrays"];
}

/**
 * A step of so many activations gains nothing from a stack, and loses the cache: one trial is computed after the other. Eight trials took
 * 45 trial-steps/s apart and 38 as a stack, one alone 56 to 60 (one thread of a busy AMD EPYC).
 */
function apart(parameters: readonly tf.Tensor[], { arrays }: Batch): Trial[] {
  const ofTrials = parameters.map(slices);
  const ofGroups = Object.entries(arrays).map(([name, array]) => [name, slices(array)] as const);
  return (ofTrials[0] ?? []).map((_, k) => ({
    parameters: ofTrials.map((slices) => slices[k] as tf.Tensor),
    arrays: Object.fromEntries(ofGroups.map(([name, groups]) => [name, groups[k % groups.length] as tf.Tensor])),
  }));
}

/** The gradient of `tf.unstack` fails where there is but one. */
function slices(x: tf.Tensor): tf.Tensor[] {
  return x.shape[0] === 1 ? [tf.reshape(x, x.shape.slice(1))] : tf.unstack(x);
}

/** The loss of one trial, `[1]`. */
function trialLoss(spec: CnnSpec, { parameters, arrays }: Trial): tf.Tensor {
  const [weights, bias] = parameters.slice(-2) as [tf.Tensor, tf.Tensor];
  const seen = dropOut(features(spec, parameters, arrays.pixels as tf.Tensor), arrays[dropoutDraw], spec.dropout);
  const logits = tf.add(tf.matMul(seen, weights), bias);
  return softmaxCrossEntropy(tf.expandDims(logits), tf.expandDims(arrays.labels as tf.Tensor));
}

/** What the classifier sees of pixels `[B, 784]`: `[B, in]`. */
function features(spec: CnnSpec, parameters: readonly tf.Tensor[], pixels: tf.Tensor): tf.Tensor {
  const shapes = convolutionShapes(spec);
  const perLayer = spec.normalisation === "none" ? 2 : 3;
  const { width } = shapes[0] as ConvolutionShape;
  let images = tf.reshape(pixels, [-1, width, width, 1]);
  shapes.forEach((shape, i) => {
    const own = parameters.slice(i * perLayer, (i + 1) * perLayer);
    const [filters, bias, scale] = own as [tf.Tensor, tf.Tensor, tf.Tensor?];
    const pooled = normalise(convolvePooled(images, filters, { shape, ofImages: i > 0 }), spec.normalisation);
    // In rows of pixels the gradient of a bias is a product with ones.
    const rows = tf.reshape(pooled, [-1, shape.out]);
    images = tf.reshape(tf.relu(tf.add(scale === undefined ? rows : tf.mul(rows, scale), bias)), pooled.shape);
  });
  return tf.reshape(images, [-1, classifierInputs(spec)]);
}

/** Leaves inputs `[B, in]` out where the draw is below `share`, and raises the others to the same mean. */
function dropOut(inputs: tf.Tensor, draw: tf.Tensor | undefined, share: number): tf.Tensor {
  if (draw === undefined || share === 0) return inputs;
  const kept = tf.cast(tf.greaterEqual(draw, share), "float32");
  return tf.mul(inputs, tf.mul(kept, 1 / (1 - share)));
}

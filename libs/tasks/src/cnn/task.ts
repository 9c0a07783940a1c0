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
    loss: (given, { arrays }) => {
      const seen = features(spec, given, arrays.pixels as tf.Tensor);
      return classificationLoss(given, dropOut(seen, arrays[dropoutDraw], dropout), arrays.labels as tf.Tensor);
    },
    evaluate: (given, heldOut) => evaluateApart(spec, given, heldOut),
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

/** What the classifier sees of pixels `[G, B, 784]`: `[K, B, in]`. */
function features(spec: CnnSpec, parameters: readonly tf.Tensor[], pixels: tf.Tensor): tf.Tensor {
  const shapes = convolutionShapes(spec);
  const perLayer = spec.normalisation === "none" ? 2 : 3;
  const { width } = shapes[0] as ConvolutionShape;
  const [groups, batch] = pixels.shape as [number, number];
  let images = tf.reshape(pixels, [groups, batch, width, width, 1]);
  shapes.forEach((shape, i) => {
    const [filters, bias, scale] = parameters.slice(i * perLayer, (i + 1) * perLayer) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor?,
    ];
    const pooled = normalise(convolvePooled(images, filters, { shape, ofImages: i > 0 }), spec.normalisation);
    // In rows of pixels a bias and its gradient are a product's neighbours.
    const rows = tf.reshape(pooled, [pooled.shape[0] as number, -1, shape.out]);
    images = tf.reshape(tf.relu(tf.add(scale === undefined ? rows : tf.mul(rows, scale), bias)), pooled.shape);
  });
  return tf.reshape(images, [images.shape[0] as number, batch, classifierInputs(spec)]);
}

/** Leaves inputs `[K, B, in]` out where the draw `[G, B, in]` is below `share`, and raises the others to the same mean. */
function dropOut(inputs: tf.Tensor, draw: tf.Tensor | undefined, share: number): tf.Tensor {
  if (draw === undefined || share === 0) return inputs;
  const kept = tf.cast(tf.greaterEqual(draw, share), "float32");
  return tf.mul(inputs, tf.mul(kept, 1 / (1 - share)));
}

function classificationLoss(parameters: readonly tf.Tensor[], inputs: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const [weights, bias] = parameters.slice(-2) as [tf.Tensor, tf.Tensor];
  return softmaxCrossEntropy(tf.add(tf.matMul(inputs, weights), bias), labels);
}

/** One trial after the other, whose patches of all held-out images then need the memory of one. */
function evaluateApart(spec: CnnSpec, parameters: readonly tf.Tensor[], { arrays }: Batch): tf.Tensor {
  const trials = parameters[0]?.shape[0] as number;
  const losses = Array.from({ length: trials }, (_, k) =>
    tf.tidy(() => {
      const own = parameters.map((parameter) =>
        tf.slice(parameter, [k, ...parameter.shape.slice(1).map(() => 0)], [1, ...parameter.shape.slice(1)]),
      );
      return classificationLoss(own, features(spec, own, arrays.pixels as tf.Tensor), arrays.labels as tf.Tensor);
    }),
  );
  return tf.concat(losses);
}

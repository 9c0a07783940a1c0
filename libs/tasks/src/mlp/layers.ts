import type { Stream } from "@stride/random";
import * as tf from "@tensorflow/tfjs-core";
import type { ParameterShape } from "../task.js";

/** Weights `[in, out]` and bias `[1, out]` of each layer between neighbouring `widths`: the bias's 1 broadcasts over the batch. */
export function layerShapes(widths: readonly number[]): ParameterShape[] {
  return widths.slice(1).flatMap((out, layer) => [
    { name: `weights${layer}`, shape: [widths[layer] as number, out] },
    { name: `bias${layer}`, shape: [1, out] },
  ]);
}

/**
 * Weights at N(0, 2 / fan-in), biases at 0, in the order of `layerShapes`: He et al., "Delving deep into rectifiers", 2015
 * (arXiv:1502.01852).
 */
export function initialLayers(random: Stream, shapes: readonly ParameterShape[]): Float32Array[] {
  return shapes.map(({ shape: [rows = 0, columns = 0] }, i) => {
    const isBias = i % 2 === 1;
    if (isBias) return new Float32Array(columns);
    const deviation = Math.sqrt(2 / rows);
    return Float32Array.from(random.normals(i, rows * columns), (value) => deviation * value);
  });
}

/** Output `[K, B, out]` of layers with ReLU between them, and none after the last, on inputs `[G, B, in]`. */
export function applyLayers(parameters: readonly tf.Tensor[], inputs: tf.Tensor): tf.Tensor {
  let activations = inputs;
  for (let i = 0; i < parameters.length; i += 2) {
    if (i > 0) activations = tf.relu(activations);
    activations = tf.add(tf.matMul(activations, parameters[i] as tf.Tensor), parameters[i + 1] as tf.Tensor);
  }
  return activations;
}

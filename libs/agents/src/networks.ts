import type { PolicyDocument } from "@stride/schedules/spec";
import type { ParameterShape } from "@stride/tasks";
import * as tf from "@tensorflow/tfjs-core";

/** Layers of a policy's network, `[in][out]` weights and `[out]` biases each. */
export type Layers = PolicyDocument["actor"];

/** Weights and biases of each layer, one after the other, as a task declares its parameters. */
export function layerShapes(name: string, layers: Layers): ParameterShape[] {
  return layers.flatMap(({ weights, biases }, i) => [
    { name: `${name}.${i}.weights`, shape: [weights.length, biases.length] },
    { name: `${name}.${i}.biases`, shape: [biases.length] },
  ]);
}

/** The numbers of `layerShapes`, row-major. */
export function layerArrays(layers: Layers): Float32Array[] {
  return layers.flatMap(({ weights, biases }) => [Float32Array.from(weights.flat()), Float32Array.from(biases)]);
}

/** The inverse of `layerArrays`: layers of the same shapes as `like`. */
export function layersFrom(like: Layers, arrays: readonly Float32Array[]): Layers {
  return like.map(({ biases }, i) => {
    const [weights, offsets] = [arrays[2 * i], arrays[2 * i + 1]] as [Float32Array, Float32Array];
    const width = biases.length;
    return {
      weights: Array.from({ length: weights.length / width }, (_, row) =>
        Array.from(weights.subarray(row * width, (row + 1) * width)),
      ),
      biases: Array.from(offsets),
    };
  });
}

/** What a network says of normalised features `[K, B, in]`, from its tensors in the order of `layerShapes`: `[K, B, out]`. */
export function forwardTensors(layers: readonly tf.Tensor[], features: tf.Tensor): tf.Tensor {
  let signal = features;
  for (let i = 0; i < layers.length; i += 2) {
    const product = tf.matMul(signal, layers[i] as tf.Tensor);
    signal = tf.add(product, tf.expandDims(layers[i + 1] as tf.Tensor, 1));
    if (i + 2 < layers.length) signal = tf.tanh(signal);
  }
  return signal;
}

/**
 * What a network says of many decisions, normalised features `[N, in]` to `[N, out]`: `forward` of @stride/schedules to the bit, in one
 * array, as an update may look at a hundred thousand decisions.
 */
export function outputs(layers: Layers, features: Float32Array): Float64Array {
  const count = features.length / (layers[0]?.weights.length ?? 1);
  let signal = Float64Array.from(features);
  layers.forEach(({ weights, biases }, depth) => {
    const [from, to] = [weights.length, biases.length];
    const next = new Float64Array(count * to);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < to; j++) next[n * to + j] = biases[j] as number;
      for (let i = 0; i < from; i++) {
        const x = signal[n * from + i] as number;
        const row = weights[i] as readonly number[];
        for (let j = 0; j < to; j++) next[n * to + j] = (next[n * to + j] as number) + x * (row[j] as number);
      }
    }
    signal = depth + 1 < layers.length ? next.map(Math.tanh) : next;
  });
  return signal;
}

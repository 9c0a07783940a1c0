import * as tf from "@tensorflow/tfjs-core";
import { type MnistDigits, mnistClasses, mnistDigits, mnistPixels } from "../mnist/mnist.js";
import type { Batch, DataSet, ParameterShape, Task } from "../task.js";
import { softmaxCrossEntropy } from "./cross-entropy.js";
import { type MlpSpec, mlpWidths } from "./spec.js";

/**
 * Softmax cross-entropy of a fully connected network with ReLU hidden layers on MNIST digits. Weights start at
 * N(0, 2 / fan-in), biases at 0: He et al., "Delving deep into rectifiers", 2015 (arXiv:1502.01852).
 */
export async function createMlp(spec: MlpSpec): Promise<Task> {
  const [training, evaluation] = await Promise.all([
    dataSet({ split: "training", count: spec.trainingSize }),
    dataSet({ split: "test", count: spec.evaluationSize }),
  ]);
  const parameters = layerShapes(mlpWidths(spec));
  const loss = (given: readonly tf.Tensor[], { arrays }: Batch) =>
    softmaxCrossEntropy(logits(given, arrays.pixels as tf.Tensor), arrays.labels as tf.Tensor);
  return {
    parameters,
    batchSize: spec.batch,
    training,
    evaluation,
    init: (random) =>
      parameters.map(({ shape: [rows = 0, columns = 0] }, i) => {
        const isBias = i % 2 === 1;
        if (isBias) return new Float32Array(columns);
        const deviation = Math.sqrt(2 / rows);
        return Float32Array.from(random.normals(i, rows * columns), (value) => deviation * value);
      }),
    loss,
    evaluate: loss,
  };
}

/** Weights `[in, out]` and bias `[1, out]` of each layer: the bias's 1 broadcasts over the batch. */
function layerShapes(widths: readonly number[]): ParameterShape[] {
  return widths.slice(1).flatMap((out, layer) => [
    { name: `weights${layer}`, shape: [widths[layer] as number, out] },
    { name: `bias${layer}`, shape: [1, out] },
  ]);
}

function logits(parameters: readonly tf.Tensor[], pixels: tf.Tensor): tf.Tensor {
  let activations = pixels;
  for (let i = 0; i < parameters.length; i += 2) {
    if (i > 0) activations = tf.relu(activations);
    activations = tf.add(tf.matMul(activations, parameters[i] as tf.Tensor), parameters[i + 1] as tf.Tensor);
  }
  return activations;
}

const dataSets = new WeakMap<MnistDigits, DataSet>();

/** One data set object for one request, so that executors can keep its tensors. */
async function dataSet(request: Parameters<typeof mnistDigits>[0]): Promise<DataSet> {
  const digits = await mnistDigits(request);
  const made = dataSets.get(digits) ?? {
    size: digits.count,
    arrays: [
      { name: "pixels", shape: [mnistPixels], values: digits.pixels },
      { name: "labels", shape: [mnistClasses], values: oneHot(digits.labels) },
    ],
  };
  dataSets.set(digits, made);
  return made;
}

function oneHot(labels: Uint8Array): Float32Array {
  const values = new Float32Array(labels.length * mnistClasses);
  labels.forEach((label, i) => {
    values[i * mnistClasses + label] = 1;
  });
  return values;
}

import * as tf from "@tensorflow/tfjs-core";
import { softmaxCrossEntropy } from "../mlp/cross-entropy.js";
import { applyLayers, initialLayers, layerShapes } from "../mlp/layers.js";
import type { Batch, Task } from "../task.js";
import { labelledMessages } from "./labelled-messages.js";
import { type TextClassifierSpec, textClasses, textClassifierWidths } from "./spec.js";

/**
 * Softmax cross-entropy of ham and spam by a ReLU network on the mean embedding of a message's words.
 *
 * The mean of looked-up rows is a product of the words' shares with the table, and its gradient another: both are exact in one order on
 * every device, where a GPU would add scattered rows in no fixed one. Embeddings start at N(0, 1), as PyTorch's.
 */
export async function createTextClassifier(spec: TextClassifierSpec): Promise<Task> {
  const { words, length, embedding } = spec;
  const [training, evaluation] = await Promise.all([
    labelledMessages({ split: "training", count: spec.trainingSize, words, length }),
    labelledMessages({ split: "test", count: spec.evaluationSize, words, length }),
  ]);
  const layers = layerShapes(textClassifierWidths(spec));
  const loss = ([table, ...given]: readonly tf.Tensor[], { arrays }: Batch) => {
    const means = tf.matMul(arrays.shares as tf.Tensor, table as tf.Tensor);
    return softmaxCrossEntropy(applyLayers(given, means), arrays.labels as tf.Tensor);
  };
  return {
    parameters: [{ name: "words", shape: [words, embedding] }, ...layers],
    batchSize: spec.batch,
    training,
    evaluation,
    perturbable: { labels: { array: "labels", classes: textClasses }, inputs: "shares" },
    init: (random) => [
      // Steps of the stream from 0 on are the layers'.
      Float32Array.from(random.normals(layers.length, words * embedding)),
      ...initialLayers(random, layers),
    ],
    loss,
    evaluate: loss,
  };
}

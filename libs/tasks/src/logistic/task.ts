import * as tf from "@tensorflow/tfjs-core";
import { softmaxCrossEntropy } from "../mlp/cross-entropy.js";
import { labelledImages } from "../mlp/labelled-images.js";
import type { Batch, DataSet, Task } from "../task.js";
import { type LogisticSpec, logisticShape } from "./spec.js";
import { syntheticClasses } from "./synthetic-classes.js";

const startDeviation = 0.01;

/**
 * Multinomial logistic regression of C classes with weights W `[d, C]` and a free bias b `[1, C]`:
 *
 *   f = mean over the batch of cross-entropy(softmax(x W + b), y) + λ/2 ‖W‖²_F,
 *
 * convex, and strongly so in W for λ > 0. Held-out examples are judged by their cross-entropy alone. W starts at N(0, 0.01²), b at 0.
 * Plain descent is stable at rates below 2 / (½ μ + λ), μ the largest eigenvalue of the second moment of (x, 1): below 0.11 on
 * MNIST (μ = 36), 0.035 on Fashion-MNIST (μ = 114) and 4 on synthetic data (μ = 1); up to five times that while ten classes are as likely.
 */
export async function createLogistic(spec: LogisticSpec): Promise<Task> {
  const { inputs, classes } = logisticShape(spec);
  const { training, evaluation } = await examples(spec);
  const array = spec.data === "synthetic" ? "inputs" : "pixels";
  const crossEntropy = ([weights, bias]: readonly tf.Tensor[], { arrays }: Batch) =>
    softmaxCrossEntropy(
      tf.add(tf.matMul(arrays[array] as tf.Tensor, weights as tf.Tensor), bias as tf.Tensor),
      arrays.labels as tf.Tensor,
    );
  return {
    parameters: [
      { name: "weights", shape: [inputs, classes] },
      { name: "bias", shape: [1, classes] },
    ],
    batchSize: spec.batch,
    training,
    evaluation,
    perturbable: { labels: { array: "labels", classes }, inputs: array },
    init: (random) => [
      Float32Array.from(random.normals(0, inputs * classes), (value) => startDeviation * value),
      new Float32Array(classes),
    ],
    loss: (parameters, batch) => {
      const fit = crossEntropy(parameters, batch);
      if (spec.penalty === 0) return fit;
      return tf.add(fit, tf.mul(spec.penalty / 2, tf.sum(tf.square(parameters[0] as tf.Tensor), [1, 2])));
    },
    evaluate: crossEntropy,
  };
}

async function examples(spec: LogisticSpec): Promise<{ readonly training: DataSet; readonly evaluation: DataSet }> {
  const { data } = spec;
  if (data === "synthetic") return syntheticClasses(spec);
  const [training, evaluation] = await Promise.all([
    labelledImages({ data, split: "training", count: spec.trainingSize }),
    labelledImages({ data, split: "test", count: spec.evaluationSize }),
  ]);
  return { training, evaluation };
}

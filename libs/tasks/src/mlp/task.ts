import type { Tensor } from "@tensorflow/tfjs-core";
import type { Batch, Task } from "../task.js";
import { softmaxCrossEntropy } from "./cross-entropy.js";
import { imageClasses } from "./image-data.js";
import { labelledImages } from "./labelled-images.js";
import { applyLayers, initialLayers, layerShapes } from "./layers.js";
import { type MlpSpec, mlpWidths } from "./spec.js";

/** Softmax cross-entropy of a fully connected network with ReLU hidden layers on images of ten classes. */
export async function createMlp(spec: MlpSpec): Promise<Task> {
  const { data } = spec;
  const [training, evaluation] = await Promise.all([
    labelledImages({ data, split: "training", count: spec.trainingSize }),
    labelledImages({ data, split: "test", count: spec.evaluationSize }),
  ]);
  const parameters = layerShapes(mlpWidths(spec));
  const loss = (given: readonly Tensor[], { arrays }: Batch) =>
    softmaxCrossEntropy(applyLayers(given, arrays.pixels as Tensor), arrays.labels as Tensor);
  return {
    parameters,
    batchSize: spec.batch,
    training,
    evaluation,
    perturbable: { labels: { array: "labels", classes: imageClasses }, inputs: "pixels" },
    init: (random) => initialLayers(random, parameters),
    loss,
    evaluate: loss,
  };
}

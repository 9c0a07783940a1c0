import { fashionMnistImages } from "../fashion-mnist/fashion-mnist.js";
import { mnistDigits, mnistPixels } from "../mnist/mnist.js";
import type { DataSet } from "../task.js";
import { type ImageData, imageClasses } from "./image-data.js";

export interface ImageRequest {
  readonly data: ImageData;
  readonly split: "training" | "test";
  /** How many images, spread over the split. */
  readonly count: number;
}

/** Pixels in [0, 1], `[count, 784]`, and labels 0–9, `[count]`. */
export interface Images {
  readonly count: number;
  readonly pixels: Float32Array;
  readonly labels: Uint8Array;
}

const readers = { mnist: mnistDigits, "fashion-mnist": fashionMnistImages } as const;

/** Images of a data set; the same object for the same request. */
export function readImages({ data, split, count }: ImageRequest): Promise<Images> {
  return readers[data]({ split, count });
}

const dataSets = new WeakMap<Images, DataSet>();

/** Images as the array `pixels` `[784]` with one-hot `labels` `[10]`: one data set object for one request, so that executors can keep its tensors. */
export async function labelledImages(request: ImageRequest): Promise<DataSet> {
  const images = await readImages(request);
  const made = dataSets.get(images) ?? {
    size: images.count,
    arrays: [
      { name: "pixels", shape: [mnistPixels], values: images.pixels },
      { name: "labels", shape: [imageClasses], values: oneHot(images.labels) },
    ],
  };
  dataSets.set(images, made);
  return made;
}

function oneHot(labels: Uint8Array): Float32Array {
  const values = new Float32Array(labels.length * imageClasses);
  labels.forEach((label, i) => {
    values[i * imageClasses + label] = 1;
  });
  return values;
}

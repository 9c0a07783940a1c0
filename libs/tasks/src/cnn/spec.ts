import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";
import { imageClasses, imageDataSchema } from "../mlp/image-data.js";

const defaults = {
  channels: [16, 32],
  kernel: 3,
  groups: 1,
  dropout: 0,
  batch: 64,
  trainingSize: 20_000,
  evaluationSize: 1_000,
};
const imageWidth = 28;
/** Channels that group normalisation takes together. */
export const normalisedChannels = 8;

/** Softmax classification of images by a small convolutional network. */
const cnnSpecSchema = z
  .strictObject({
    kind: z.literal("cnn"),
    data: imageDataSchema,
    channels: z
      .array(z.int().min(1).max(512))
      .min(1)
      .max(4)
      .default(defaults.channels)
      .describe("channels of the convolutions; each halves height and width"),
    kernel: z
      .union([z.literal(1), z.literal(3), z.literal(5), z.literal(7)])
      .default(3)
      .describe("height and width of the filters: 1, 3, 5 or 7"),
    groups: z
      .int()
      .min(1)
      .max(512)
      .default(defaults.groups)
      .describe("parts of the channels that the convolutions after the first keep apart"),
    pooling: z
      .enum(["max", "average", "none"])
      .default("max")
      .describe("of 2 × 2 results of a convolution; none: convolutions of stride 2"),
    normalisation: z
      .enum(["none", "batch", "group", "layer"])
      .default("none")
      .describe(
        `to mean 0 and variance 1, of a channel in the batch (the held-out images are a batch of their own: nothing is averaged over steps), of ${normalisedChannels} channels of an image, or of a whole image`,
      ),
    dropout: z
      .number()
      .min(0)
      .max(0.9)
      .default(defaults.dropout)
      .describe("share of the classifier's inputs that a training step leaves out"),
    batch: z.int().min(1).max(60_000).default(defaults.batch).describe("images in a mini-batch"),
    trainingSize: z.int().min(1).max(60_000).default(defaults.trainingSize).describe("training images used"),
    evaluationSize: z.int().min(1).max(10_000).default(defaults.evaluationSize).describe("test images used"),
  })
  .refine(({ batch, trainingSize }) => batch <= trainingSize, {
    path: ["batch"],
    error: "batch must not exceed trainingSize",
  })
  .refine(({ channels, groups }) => channels.length === 1 || channels.every((count) => count % groups === 0), {
    path: ["groups"],
    error: "groups must divide the channels of every convolution",
  })
  .refine(
    ({ channels, normalisation }) =>
      normalisation !== "group" || channels.every((count) => count % normalisedChannels === 0),
    { path: ["normalisation"], error: `group normalisation needs channels in multiples of ${normalisedChannels}` },
  );
export type CnnSpec = z.infer<typeof cnnSpecSchema>;
export type Pooling = CnnSpec["pooling"];

/** One convolution with the pooling after it, from images of `width` × `width` to `pooledWidth` × `pooledWidth`. */
export interface ConvolutionShape {
  readonly into: number;
  readonly out: number;
  readonly kernel: number;
  readonly groups: number;
  readonly pooling: Pooling;
  readonly width: number;
  readonly pooledWidth: number;
}

export function convolutionShapes({ channels, kernel, groups, pooling }: CnnSpec): readonly ConvolutionShape[] {
  let width = imageWidth;
  return channels.map((out, i) => {
    const into = i === 0 ? 1 : (channels[i - 1] as number);
    const pooledWidth = pooling === "none" ? Math.ceil(width / 2) : Math.floor(width / 2);
    const shape = { into, out, kernel, groups: i === 0 ? 1 : groups, pooling, width, pooledWidth };
    width = pooledWidth;
    return shape;
  });
}

/** What the classifier sees of an image. */
export function classifierInputs(spec: CnnSpec): number {
  const { out, pooledWidth } = convolutionShapes(spec).at(-1) as ConvolutionShape;
  return out * pooledWidth ** 2;
}

/** For example `cnn-fashion-mnist-16-32-average-batch128`. */
function cnnLabel(spec: CnnSpec): string {
  const parts = [
    spec.pooling === "max" ? "" : spec.pooling === "none" ? "-stride2" : "-average",
    spec.normalisation === "none" ? "" : `-${spec.normalisation}norm`,
  ];
  return (
    `cnn-${spec.data}-${spec.channels.join("-")}` +
    labelUnlessDefault("kernel", spec.kernel, defaults.kernel) +
    labelUnlessDefault("groups", spec.groups, defaults.groups) +
    parts.join("") +
    labelUnlessDefault("dropout", spec.dropout, defaults.dropout) +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("train", spec.trainingSize, defaults.trainingSize) +
    labelUnlessDefault("eval", spec.evaluationSize, defaults.evaluationSize)
  );
}

function cnnCost(spec: CnnSpec): TaskCost {
  const layers = convolutionShapes(spec).map((shape, i) => {
    const { into, out, kernel, groups, pooling, pooledWidth } = shape;
    const weights = (kernel ** 2 * into * out) / groups;
    // An average of convolved windows is the convolution of averaged windows; the largest has to see all four.
    const places = (pooling === "max" ? 4 : 1) * pooledWidth ** 2;
    const spread = pooling === "average" ? 4 : 1;
    return {
      weights,
      forward: weights * places,
      // The gradients of the filters and, after the first convolution, of the images.
      backward: weights * places * (i === 0 ? 1 : 1 + spread),
      units: out * places,
      read: kernel ** 2 * into * places,
      offsets: spec.normalisation === "none" ? out : 2 * out,
    };
  });
  const sum = (of: (layer: (typeof layers)[number]) => number) => layers.reduce((total, layer) => total + of(layer), 0);
  const classifier = classifierInputs(spec) * imageClasses;
  const parameters = sum(({ weights, offsets }) => weights + offsets) + classifier + imageClasses;
  const forward = sum((layer) => layer.forward) + classifier;
  const backward = sum((layer) => layer.backward) + 2 * classifier;
  const units = sum((layer) => layer.units);
  return {
    parameters,
    flopsPerStep: spec.batch * (2 * (forward + backward) + 8 * units) + 2 * parameters,
    bytesPerStep: 4 * (6 * parameters + spec.batch * (imageWidth ** 2 + 4 * units + 3 * sum(({ read }) => read))),
    evaluationFlops: spec.evaluationSize * (2 * forward + 4 * units),
  };
}

export const cnnDefinition: TaskDefinition<typeof cnnSpecSchema> = {
  kind: "cnn",
  description: "A small convolutional network that classifies MNIST digits or Fashion-MNIST clothes",
  parameters: specParameters(cnnSpecSchema.shape),
  schema: cnnSpecSchema,
  label: cnnLabel,
  cost: cnnCost,
  dataNumbers: ({ trainingSize, evaluationSize }) => (trainingSize + evaluationSize) * (imageWidth ** 2 + imageClasses),
  traits: { labels: true, inputs: true },
};

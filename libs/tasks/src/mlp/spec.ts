import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";
import { imageClasses, imageDataSchema, imagePixels } from "./image-data.js";

const defaults = { batch: 128, trainingSize: 20_000, evaluationSize: 2_000 } as const;

/** Softmax classification of images by a fully connected network with ReLU hidden layers. */
const mlpSpecSchema = z
  .strictObject({
    kind: z.literal("mlp"),
    data: imageDataSchema,
    hidden: z
      .array(z.int().min(1).max(8192))
      .max(16)
      .describe("widths of the hidden layers; an empty list is softmax regression"),
    batch: z.int().min(1).max(60_000).default(defaults.batch).describe("images in a mini-batch"),
    trainingSize: z.int().min(1).max(60_000).default(defaults.trainingSize).describe("training images used"),
    evaluationSize: z.int().min(1).max(10_000).default(defaults.evaluationSize).describe("test images used"),
  })
  .refine(({ batch, trainingSize }) => batch <= trainingSize, {
    path: ["batch"],
    error: "batch must not exceed trainingSize",
  });
export type MlpSpec = z.infer<typeof mlpSpecSchema>;

/** Widths from the pixels to the classes. */
export function mlpWidths({ hidden }: MlpSpec): readonly number[] {
  return [imagePixels, ...hidden, imageClasses];
}

/** For example `mlp-mnist-256-128-batch64`. */
function mlpLabel(spec: MlpSpec): string {
  return (
    `mlp-${spec.data}-${spec.hidden.length === 0 ? "linear" : spec.hidden.join("-")}` +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("train", spec.trainingSize, defaults.trainingSize) +
    labelUnlessDefault("eval", spec.evaluationSize, defaults.evaluationSize)
  );
}

function mlpCost(spec: MlpSpec): TaskCost {
  const widths = mlpWidths(spec);
  const layers = widths.slice(1).map((out, i) => ({ into: widths[i] as number, out }));
  const weights = layers.reduce((sum, { into, out }) => sum + into * out, 0);
  const units = layers.reduce((sum, { out }) => sum + out, 0);
  const parameters = weights + units;
  const first = imagePixels * (widths[1] as number);
  return {
    parameters,
    // One product forward, two backward; none for the gradient of the pixels.
    flopsPerStep: 2 * spec.batch * (3 * weights - first) + 8 * spec.batch * units + 2 * parameters,
    bytesPerStep: 4 * (6 * parameters + spec.batch * (imagePixels + 4 * units)),
    evaluationFlops: spec.evaluationSize * (2 * weights + 4 * units),
  };
}

export const mlpDefinition: TaskDefinition<typeof mlpSpecSchema> = {
  kind: "mlp",
  description: "A fully connected ReLU network that classifies MNIST digits or Fashion-MNIST clothes",
  parameters: specParameters(mlpSpecSchema.shape),
  schema: mlpSpecSchema,
  label: mlpLabel,
  cost: mlpCost,
  dataNumbers: ({ trainingSize, evaluationSize }) => (trainingSize + evaluationSize) * (imagePixels + imageClasses),
  traits: { labels: true, inputs: true },
};

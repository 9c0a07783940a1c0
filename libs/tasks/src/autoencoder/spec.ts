import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";
import { imageDataSchema, imagePixels } from "../mlp/image-data.js";

const defaults = { batch: 128, trainingSize: 20_000, evaluationSize: 2_000 } as const;
const defaultHidden = [256, 32, 256];

/** Reconstruction of images through a narrow layer. */
const autoencoderSpecSchema = z
  .strictObject({
    kind: z.literal("autoencoder"),
    data: imageDataSchema,
    hidden: z
      .array(z.int().min(1).max(8192))
      .min(1)
      .max(16)
      .default(defaultHidden)
      .describe("widths of the hidden layers, down to the code and up again"),
    batch: z.int().min(1).max(60_000).default(defaults.batch).describe("images in a mini-batch"),
    trainingSize: z.int().min(1).max(60_000).default(defaults.trainingSize).describe("training images used"),
    evaluationSize: z.int().min(1).max(10_000).default(defaults.evaluationSize).describe("test images used"),
  })
  .refine(({ batch, trainingSize }) => batch <= trainingSize, {
    path: ["batch"],
    error: "batch must not exceed trainingSize",
  });
export type AutoencoderSpec = z.infer<typeof autoencoderSpecSchema>;

/** Widths from the pixels to the pixels. */
export function autoencoderWidths({ hidden }: AutoencoderSpec): readonly number[] {
  return [imagePixels, ...hidden, imagePixels];
}

/** For example `autoencoder-mnist-256-32-256-batch64`. */
function autoencoderLabel(spec: AutoencoderSpec): string {
  return (
    `autoencoder-${spec.data}-${spec.hidden.join("-")}` +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("train", spec.trainingSize, defaults.trainingSize) +
    labelUnlessDefault("eval", spec.evaluationSize, defaults.evaluationSize)
  );
}

function autoencoderCost(spec: AutoencoderSpec): TaskCost {
  const widths = autoencoderWidths(spec);
  const weights = widths.slice(1).reduce((sum, out, i) => sum + (widths[i] as number) * out, 0);
  const units = widths.slice(1).reduce((sum, out) => sum + out, 0);
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

export const autoencoderDefinition: TaskDefinition<typeof autoencoderSpecSchema> = {
  kind: "autoencoder",
  description: "A ReLU network that reproduces MNIST digits or Fashion-MNIST clothes through a narrow layer",
  parameters: specParameters(autoencoderSpecSchema.shape),
  schema: autoencoderSpecSchema,
  label: autoencoderLabel,
  cost: autoencoderCost,
  dataNumbers: ({ trainingSize, evaluationSize }) => (trainingSize + evaluationSize) * imagePixels,
  traits: { inputs: true },
};

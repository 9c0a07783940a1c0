import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";
import { imageClasses, imageDataSchema, imagePixels } from "../mlp/image-data.js";

const defaults = { penalty: 1e-4, batch: 128 } as const;
const imageDefaults = { trainingSize: 20_000, evaluationSize: 2_000 } as const;
const syntheticDefaults = { trainingSize: 4096, evaluationSize: 1024, dimension: 20, conditionNumber: 100 } as const;
/** Numbers of the synthetic data, training and held-out. */
const largestData = 50_000_000;

const batchFits = {
  check: ({ batch, trainingSize }: { readonly batch: number; readonly trainingSize: number }) => batch <= trainingSize,
  issue: { path: ["batch"], error: "batch must not exceed trainingSize" },
};

const regression = {
  penalty: z
    .number()
    .min(0)
    .max(10)
    .default(defaults.penalty)
    .describe("λ of the penalty λ/2 ‖weights‖², which makes the training loss strongly convex; biases are free"),
  batch: z.int().min(1).max(60_000).default(defaults.batch).describe("examples in a mini-batch"),
};

const logisticImagesSchema = z
  .strictObject({
    kind: z.literal("logistic"),
    data: z
      .enum([...imageDataSchema.options])
      .describe("mnist, fashion-mnist: images in ten classes; synthetic: two classes of a given condition number"),
    ...regression,
    trainingSize: z.int().min(1).max(60_000).default(imageDefaults.trainingSize).describe("training examples used"),
    evaluationSize: z.int().min(1).max(10_000).default(imageDefaults.evaluationSize).describe("held-out examples used"),
  })
  .refine(batchFits.check, batchFits.issue);

const logisticSyntheticSchema = z
  .strictObject({
    kind: z.literal("logistic"),
    data: z.literal("synthetic"),
    ...regression,
    trainingSize: z.int().min(1).max(1_000_000).default(syntheticDefaults.trainingSize),
    evaluationSize: z.int().min(1).max(100_000).default(syntheticDefaults.evaluationSize),
    dimension: z
      .int()
      .min(1)
      .max(100_000)
      .default(syntheticDefaults.dimension)
      .describe("synthetic: inputs of an example"),
    conditionNumber: z
      .number()
      .min(1)
      .max(1e12)
      .default(syntheticDefaults.conditionNumber)
      .describe("synthetic: largest variance of an input over the least; the largest is 1"),
  })
  .refine(batchFits.check, batchFits.issue)
  .refine(({ trainingSize, evaluationSize, dimension }) => (trainingSize + evaluationSize) * dimension <= largestData, {
    path: ["trainingSize"],
    error: `(trainingSize + evaluationSize) × dimension must not exceed ${largestData}`,
  });

/** Multinomial logistic regression with a quadratic penalty. */
const logisticSpecSchema = z.discriminatedUnion("data", [logisticImagesSchema, logisticSyntheticSchema]);
export type LogisticSpec = z.infer<typeof logisticSpecSchema>;
export type LogisticSyntheticSpec = z.infer<typeof logisticSyntheticSchema>;

/** Inputs of an example, and classes. */
export function logisticShape(spec: LogisticSpec): { readonly inputs: number; readonly classes: number } {
  return spec.data === "synthetic"
    ? { inputs: spec.dimension, classes: 2 }
    : { inputs: imagePixels, classes: imageClasses };
}

/** For example `logistic-mnist-penalty0.01` or `logistic-synthetic-20-cond1000`. */
function logisticLabel(spec: LogisticSpec): string {
  const { trainingSize, evaluationSize } = spec.data === "synthetic" ? syntheticDefaults : imageDefaults;
  return (
    `logistic-${spec.data}` +
    (spec.data === "synthetic"
      ? `-${spec.dimension}${labelUnlessDefault("cond", spec.conditionNumber, syntheticDefaults.conditionNumber)}`
      : "") +
    labelUnlessDefault("penalty", spec.penalty, defaults.penalty) +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("train", spec.trainingSize, trainingSize) +
    labelUnlessDefault("eval", spec.evaluationSize, evaluationSize)
  );
}

function logisticCost(spec: LogisticSpec): TaskCost {
  const { inputs, classes } = logisticShape(spec);
  const weights = inputs * classes;
  const parameters = weights + classes;
  return {
    parameters,
    // The product forward and its weights' gradient; the softmax; penalty and update.
    flopsPerStep: 4 * spec.batch * weights + 8 * spec.batch * classes + 5 * parameters,
    bytesPerStep: 4 * (6 * parameters + spec.batch * (inputs + 4 * classes)),
    evaluationFlops: spec.evaluationSize * (2 * weights + 4 * classes),
  };
}

export const logisticDefinition: TaskDefinition<typeof logisticSpecSchema> = {
  kind: "logistic",
  description: "Logistic regression with a quadratic penalty, a convex problem, on images or on synthetic data",
  parameters: specParameters({ ...logisticSyntheticSchema.shape, ...logisticImagesSchema.shape }),
  schema: logisticSpecSchema,
  label: logisticLabel,
  cost: logisticCost,
  dataNumbers: (spec) => {
    const { inputs, classes } = logisticShape(spec);
    return (spec.trainingSize + spec.evaluationSize) * (inputs + classes);
  },
  traits: { labels: true, inputs: true },
};

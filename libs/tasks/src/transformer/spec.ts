import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

/** Different characters of the book. */
export const transformerCharacters = 89;
/** Width of the hidden layer of a block's network over that of the model. */
export const hiddenFactor = 4;

const defaults = {
  width: 64,
  heads: 4,
  blocks: 2,
  context: 64,
  batch: 16,
  dropout: 0,
  trainingSize: 16_384,
  evaluationSize: 256,
} as const;
/** Characters of all training windows. */
const largestData = 50_000_000;

/** A decoder on the characters of a book: Radford et al., "Language models are unsupervised multitask learners", 2019 (GPT-2). */
const transformerSpecSchema = z
  .strictObject({
    kind: z.literal("transformer"),
    data: z.literal("moby-dick").describe("the characters of Melville's novel; its last tenth is held out"),
    width: z.int().min(1).max(1024).default(defaults.width).describe("width of the residual stream"),
    heads: z.int().min(1).max(64).default(defaults.heads).describe("heads of attention; they divide the width"),
    blocks: z.int().min(1).max(24).default(defaults.blocks).describe("blocks of attention and network"),
    context: z.int().min(1).max(1024).default(defaults.context).describe("characters that are seen at once"),
    activation: z
      .enum(["relu", "gelu"])
      .default("relu")
      .describe("of the network in a block; gelu as in GPT-2, by tanh, takes some 15 % more time"),
    dropout: z
      .number()
      .min(0)
      .max(0.9)
      .default(defaults.dropout)
      .describe("share of the embedding and of each block's additions that is dropped in training"),
    batch: z.int().min(1).max(4096).default(defaults.batch).describe("windows in a mini-batch"),
    trainingSize: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(defaults.trainingSize)
      .describe("training windows, spread evenly; above the text's length over context they overlap"),
    evaluationSize: z.int().min(1).max(4096).default(defaults.evaluationSize).describe("held-out windows"),
  })
  .refine(({ width, heads }) => width % heads === 0, { path: ["heads"], error: "heads must divide width" })
  .refine(({ batch, trainingSize }) => batch <= trainingSize, {
    path: ["batch"],
    error: "batch must not exceed trainingSize",
  })
  .refine(({ trainingSize, context }) => trainingSize * context <= largestData, {
    path: ["trainingSize"],
    error: `trainingSize × context must not exceed ${largestData}`,
  });
export type TransformerSpec = z.infer<typeof transformerSpecSchema>;

/** For example `transformer-moby-dick-64x2-context128-gelu`. */
function transformerLabel(spec: TransformerSpec): string {
  return (
    `transformer-${spec.data}-${spec.width}x${spec.blocks}` +
    labelUnlessDefault("heads", spec.heads, defaults.heads) +
    labelUnlessDefault("context", spec.context, defaults.context) +
    (spec.activation === "gelu" ? "-gelu" : "") +
    labelUnlessDefault("dropout", spec.dropout, defaults.dropout) +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("train", spec.trainingSize, defaults.trainingSize) +
    labelUnlessDefault("eval", spec.evaluationSize, defaults.evaluationSize)
  );
}

/** Operations of the matrix products of one forward pass over one window. */
function forwardProducts({ width, blocks, context }: TransformerSpec): number {
  const perCharacter = blocks * (4 + 2 * hiddenFactor) * width ** 2 + width * transformerCharacters;
  // Scores and what they weigh: two products of context × context × width a block.
  return 2 * context * (perCharacter + 2 * blocks * context * width);
}

/** Elementwise operations of one forward pass over one window: norms, sums, activations, the softmaxes. */
function forwardElementwise({ width, heads, blocks, context }: TransformerSpec): number {
  const ofBlock = (10 + hiddenFactor) * width + 6 * heads * context;
  return context * (blocks * ofBlock + 8 * transformerCharacters);
}

function transformerCost(spec: TransformerSpec): TaskCost {
  const { width, heads, blocks, context, batch, evaluationSize } = spec;
  const ofBlock = (4 + 2 * hiddenFactor) * width ** 2 + 2 * width;
  const parameters = blocks * ofBlock + (2 * transformerCharacters + context + 1) * width;
  const activations = blocks * ((10 + 2 * hiddenFactor) * width + 3 * heads * context) + 3 * transformerCharacters;
  const forward = forwardProducts(spec) + forwardElementwise(spec);
  return {
    parameters,
    // A product forward is two backward: the embedding is a look-up, so there is none to spare.
    flopsPerStep: batch * (3 * forwardProducts(spec) + 3 * forwardElementwise(spec)) + 2 * parameters,
    bytesPerStep: 4 * (6 * parameters + 3 * batch * context * activations),
    evaluationFlops: evaluationSize * forward,
  };
}

export const transformerDefinition: TaskDefinition<typeof transformerSpecSchema> = {
  kind: "transformer",
  description: "A small decoder that predicts the next character of a book",
  parameters: specParameters(transformerSpecSchema.shape),
  schema: transformerSpecSchema,
  label: transformerLabel,
  cost: transformerCost,
  dataNumbers: ({ trainingSize, evaluationSize, context }) => (trainingSize + evaluationSize) * 2 * context,
  traits: { labels: true },
};

import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

const defaults = {
  words: 2000,
  embedding: 32,
  hidden: [32],
  length: 256,
  batch: 64,
  trainingSize: 4000,
  evaluationSize: 1000,
} as const;
export const textClasses = 2;
/** Numbers of the training and the held-out messages together. */
const largestData = 50_000_000;

/** Ham or spam from the mean of a message's embedded words: Joulin et al., "Bag of tricks", 2017 (arXiv:1607.01759). */
const textClassifierSpecSchema = z
  .strictObject({
    kind: z.literal("text-classifier"),
    data: z.literal("spam-assassin").describe("e-mails of the SpamAssassin corpus, ham or spam"),
    words: z.int().min(1).max(10_000).default(defaults.words).describe("most frequent words, which alone are seen"),
    embedding: z.int().min(1).max(1024).default(defaults.embedding).describe("width of a word's embedding"),
    hidden: z
      .array(z.int().min(1).max(8192))
      .max(16)
      .default([...defaults.hidden])
      .describe("widths of the hidden layers on the mean embedding; an empty list is linear in it"),
    length: z.int().min(1).max(10_000).default(defaults.length).describe("words seen of a message, from its beginning"),
    batch: z.int().min(1).max(4837).default(defaults.batch).describe("messages in a mini-batch"),
    trainingSize: z.int().min(1).max(4837).default(defaults.trainingSize).describe("training messages used"),
    evaluationSize: z.int().min(1).max(1209).default(defaults.evaluationSize).describe("test messages used"),
  })
  .refine(({ batch, trainingSize }) => batch <= trainingSize, {
    path: ["batch"],
    error: "batch must not exceed trainingSize",
  })
  .refine(({ words, trainingSize, evaluationSize }) => words * (trainingSize + evaluationSize) <= largestData, {
    path: ["words"],
    error: `words × (trainingSize + evaluationSize) must not exceed ${largestData}`,
  });
export type TextClassifierSpec = z.infer<typeof textClassifierSpecSchema>;

/** Widths from the embedding to the classes. */
export function textClassifierWidths({ embedding, hidden }: TextClassifierSpec): readonly number[] {
  return [embedding, ...hidden, textClasses];
}

/** For example `text-classifier-32-32` or `text-classifier-16-linear-words500`. */
function textClassifierLabel(spec: TextClassifierSpec): string {
  return (
    `text-classifier-${spec.embedding}-${spec.hidden.length === 0 ? "linear" : spec.hidden.join("-")}` +
    labelUnlessDefault("words", spec.words, defaults.words) +
    labelUnlessDefault("length", spec.length, defaults.length) +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("train", spec.trainingSize, defaults.trainingSize) +
    labelUnlessDefault("eval", spec.evaluationSize, defaults.evaluationSize)
  );
}

function textClassifierCost(spec: TextClassifierSpec): TaskCost {
  const widths = textClassifierWidths(spec);
  const layers = widths.slice(1).map((out, i) => ({ into: widths[i] as number, out }));
  const table = spec.words * spec.embedding;
  const weights = layers.reduce((sum, { into, out }) => sum + into * out, 0);
  const units = layers.reduce((sum, { out }) => sum + out, 0);
  const parameters = table + weights + units;
  return {
    parameters,
    // A layer's product is two backward; the embedding's is one, as nobody asks for the gradient of the words.
    flopsPerStep: 2 * spec.batch * (3 * weights + 2 * table) + 8 * spec.batch * units + 2 * parameters,
    bytesPerStep: 4 * (6 * parameters + spec.batch * (spec.words + 4 * units)),
    evaluationFlops: spec.evaluationSize * (2 * (table + weights) + 4 * units),
  };
}

export const textClassifierDefinition: TaskDefinition<typeof textClassifierSpecSchema> = {
  kind: "text-classifier",
  description: "Tells spam from ham by the mean embedding of a message's words",
  parameters: specParameters(textClassifierSpecSchema.shape),
  schema: textClassifierSpecSchema,
  traits: { labels: true, inputs: true },
  label: textClassifierLabel,
  cost: textClassifierCost,
  dataNumbers: ({ trainingSize, evaluationSize, words }) => (trainingSize + evaluationSize) * (words + textClasses),
};

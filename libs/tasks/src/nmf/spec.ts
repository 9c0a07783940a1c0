import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

const defaults = { rank: 16, batch: 64, rows: 1024, evaluationRows: 256 } as const;
const photographDefaults = { side: 16 } as const;
const wordCountDefaults = { words: 1000 } as const;
const syntheticDefaults = { columns: 256, trueRank: 8, noise: 0.01, conditionNumber: 1, matrix: 0 } as const;

/** Multiplicative updates that fit an unseen row's weights to H before its error is taken. */
export const foldInUpdates = 30;
/** Pixels of a digit, 28 × 28. */
const mnistColumns = 784;
const largestMatrix = 50_000_000;

const batchFits = {
  check: ({ batch, rows }: { readonly batch: number; readonly rows: number }) => batch <= rows,
  issue: { path: ["batch"], error: "batch must not exceed rows" },
};

const factorisation = {
  rank: z.int().min(1).max(1024).default(defaults.rank).describe("columns of W, rows of H"),
  batch: z.int().min(1).max(60_000).default(defaults.batch).describe("rows of V in a mini-batch"),
};

const nmfMnistSchema = z
  .strictObject({
    kind: z.literal("nmf"),
    data: z
      .literal("mnist")
      .describe(
        "mnist: pixels of handwritten digits; photographs: square patches of four pictures; word-counts: log(1 + counts) of words in e-mails; synthetic: a low-rank matrix plus noise",
      ),
    ...factorisation,
    rows: z.int().min(1).max(60_000).default(defaults.rows).describe("rows of V: digits, patches, e-mails"),
    evaluationRows: z.int().min(1).max(10_000).default(defaults.evaluationRows).describe("held-out rows"),
  })
  .refine(batchFits.check, batchFits.issue);

const nmfPhotographsSchema = z
  .strictObject({
    kind: z.literal("nmf"),
    data: z.literal("photographs"),
    ...factorisation,
    rows: z.int().min(1).max(1_000_000).default(defaults.rows).describe("rows of V: patches"),
    evaluationRows: z.int().min(1).max(100_000).default(defaults.evaluationRows).describe("held-out rows: patches"),
    side: z
      .int()
      .min(2)
      .max(64)
      .default(photographDefaults.side)
      .describe("photographs: of a patch, in pixels; V has side × side columns"),
  })
  .refine(batchFits.check, batchFits.issue)
  .refine(({ rows, evaluationRows, side }) => (rows + evaluationRows) * side * side <= largestMatrix, {
    path: ["rows"],
    error: `(rows + evaluationRows) × side × side must not exceed ${largestMatrix}`,
  });

const nmfWordCountsSchema = z
  .strictObject({
    kind: z.literal("nmf"),
    data: z.literal("word-counts"),
    ...factorisation,
    rows: z.int().min(1).max(4837).default(defaults.rows).describe("rows of V: training e-mails"),
    evaluationRows: z.int().min(1).max(1209).default(defaults.evaluationRows).describe("held-out rows: test e-mails"),
    words: z
      .int()
      .min(1)
      .max(10_000)
      .default(wordCountDefaults.words)
      .describe("word-counts: most frequent words that are counted, the columns of V"),
  })
  .refine(batchFits.check, batchFits.issue)
  .refine(({ rows, evaluationRows, words }) => (rows + evaluationRows) * words <= largestMatrix, {
    path: ["rows"],
    error: `(rows + evaluationRows) × words must not exceed ${largestMatrix}`,
  });

const nmfSyntheticSchema = z
  .strictObject({
    kind: z.literal("nmf"),
    data: z.literal("synthetic"),
    ...factorisation,
    rows: z.int().min(1).max(1_000_000).default(defaults.rows).describe("rows of V"),
    evaluationRows: z.int().min(1).max(100_000).default(defaults.evaluationRows).describe("held-out rows"),
    columns: z.int().min(1).max(100_000).default(syntheticDefaults.columns).describe("synthetic: columns of V"),
    trueRank: z
      .int()
      .min(1)
      .max(1024)
      .default(syntheticDefaults.trueRank)
      .describe("synthetic: rank of V before noise"),
    noise: z
      .number()
      .min(0)
      .max(10)
      .default(syntheticDefaults.noise)
      .describe("synthetic: standard deviation of the noise on V, whose entries have mean 1; V is cut off at 0"),
    // Left out rather than filled in, so that specs from before they were there keep their trials' ids.
    conditionNumber: z
      .number()
      .min(1)
      .max(1e6)
      .exactOptional()
      .describe("synthetic: the largest scale of a true factor by the smallest; left out: 1, all alike"),
    matrix: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .exactOptional()
      .describe("synthetic: the number of the matrix, each drawn for itself; left out: 0"),
  })
  .refine(batchFits.check, batchFits.issue)
  .refine(({ rows, evaluationRows, columns }) => (rows + evaluationRows) * columns <= largestMatrix, {
    path: ["rows"],
    error: `(rows + evaluationRows) × columns must not exceed ${largestMatrix}`,
  });

/** V ≈ WH with W, H ≥ 0. */
const nmfSpecSchema = z.discriminatedUnion("data", [
  nmfMnistSchema,
  nmfPhotographsSchema,
  nmfWordCountsSchema,
  nmfSyntheticSchema,
]);
export type NmfSpec = z.infer<typeof nmfSpecSchema>;
export type NmfPhotographsSpec = z.infer<typeof nmfPhotographsSchema>;
export type NmfWordCountsSpec = z.infer<typeof nmfWordCountsSchema>;
export type NmfSyntheticSpec = z.infer<typeof nmfSyntheticSchema>;

/** For example `nmf-mnist-16` or `nmf-synthetic-16-batch32-noise0.1`. */
function nmfLabel(spec: NmfSpec): string {
  const common =
    `nmf-${spec.data}-${spec.rank}` +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("rows", spec.rows, defaults.rows) +
    labelUnlessDefault("eval", spec.evaluationRows, defaults.evaluationRows);
  switch (spec.data) {
    case "mnist":
      return common;
    case "photographs":
      return common + labelUnlessDefault("side", spec.side, photographDefaults.side);
    case "word-counts":
      return common + labelUnlessDefault("words", spec.words, wordCountDefaults.words);
    case "synthetic":
      return (
        common +
        labelUnlessDefault("columns", spec.columns, syntheticDefaults.columns) +
        labelUnlessDefault("true", spec.trueRank, syntheticDefaults.trueRank) +
        labelUnlessDefault("noise", spec.noise, syntheticDefaults.noise) +
        labelUnlessDefault("cond", spec.conditionNumber ?? 1, syntheticDefaults.conditionNumber) +
        labelUnlessDefault("matrix", spec.matrix ?? 0, syntheticDefaults.matrix)
      );
  }
}

function columnsOf(spec: NmfSpec): number {
  switch (spec.data) {
    case "mnist":
      return mnistColumns;
    case "photographs":
      return spec.side * spec.side;
    case "word-counts":
      return spec.words;
    case "synthetic":
      return spec.columns;
  }
}

function nmfCost(spec: NmfSpec): TaskCost {
  const columns = columnsOf(spec);
  const { rank, batch, rows, evaluationRows } = spec;
  const parameters = rank * (rows + columns);
  const product = 2 * batch * rank * columns;
  return {
    parameters,
    // W_B H and both its gradients; the residual; the scatter, update and projection of every parameter.
    flopsPerStep: 3 * product + 4 * batch * columns + 5 * parameters,
    bytesPerStep: 4 * (6 * parameters + 4 * batch * columns),
    evaluationFlops:
      2 * rank * columns * (2 * evaluationRows + rank) +
      foldInUpdates * evaluationRows * rank * (2 * rank + 3) +
      4 * evaluationRows * columns,
  };
}

export const nmfDefinition: TaskDefinition<typeof nmfSpecSchema> = {
  kind: "nmf",
  description:
    "Stochastic non-negative matrix factorisation V ≈ WH of digits, photographs, word counts or a low-rank matrix",
  parameters: specParameters({
    ...nmfSyntheticSchema.shape,
    ...nmfWordCountsSchema.shape,
    ...nmfPhotographsSchema.shape,
    ...nmfMnistSchema.shape,
  }),
  schema: nmfSpecSchema,
  label: nmfLabel,
  cost: nmfCost,
  dataNumbers: (spec) => (spec.rows + spec.evaluationRows) * columnsOf(spec),
  traits: { inputs: true, constrained: true, stabilityBound: true },
};

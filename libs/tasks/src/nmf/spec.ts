import { z } from "zod";
import { labelUnlessDefault, specParameters, type TaskCost, type TaskDefinition } from "../kind.js";

const defaults = { rank: 16, batch: 64, rows: 1024, evaluationRows: 256 } as const;
const syntheticDefaults = { columns: 256, trueRank: 8, noise: 0.01 } as const;

/** Multiplicative updates that fit an unseen row's weights to H before its error is taken. */
export const foldInUpdates = 30;
/** Pixels of a digit, 28 × 28. */
const mnistColumns = 784;
const largestMatrix = 50_000_000;

const factorisation = {
  rank: z.int().min(1).max(1024).default(defaults.rank).describe("columns of W, rows of H"),
  batch: z.int().min(1).max(60_000).default(defaults.batch).describe("rows of V in a mini-batch"),
};

const nmfMnistSchema = z
  .strictObject({
    kind: z.literal("nmf"),
    data: z.literal("mnist").describe("mnist: pixels of handwritten digits; synthetic: a low-rank matrix plus noise"),
    ...factorisation,
    rows: z.int().min(1).max(60_000).default(defaults.rows).describe("rows of V: training digits"),
    evaluationRows: z.int().min(1).max(10_000).default(defaults.evaluationRows).describe("held-out rows: test digits"),
  })
  .refine(({ batch, rows }) => batch <= rows, { path: ["batch"], error: "batch must not exceed rows" });

const nmfSyntheticSchema = z
  .strictObject({
    kind: z.literal("nmf"),
    data: z.literal("synthetic"),
    ...factorisation,
    rows: z.int().min(1).max(1_000_000).default(defaults.rows).describe("rows of V"),
    evaluationRows: z.int().min(1).max(100_000).default(defaults.evaluationRows).describe("held-out rows"),
    columns: z.int().min(1).max(100_000).default(syntheticDefaults.columns).describe("columns of V"),
    trueRank: z.int().min(1).max(1024).default(syntheticDefaults.trueRank).describe("rank of V before noise"),
    noise: z
      .number()
      .min(0)
      .max(10)
      .default(syntheticDefaults.noise)
      .describe("standard deviation of the noise on V, whose entries have mean 1; V is cut off at 0"),
  })
  .refine(({ batch, rows }) => batch <= rows, { path: ["batch"], error: "batch must not exceed rows" })
  .refine(({ rows, evaluationRows, columns }) => (rows + evaluationRows) * columns <= largestMatrix, {
    path: ["rows"],
    error: `(rows + evaluationRows) × columns must not exceed ${largestMatrix}`,
  });

/** V ≈ WH with W, H ≥ 0. */
const nmfSpecSchema = z.discriminatedUnion("data", [nmfMnistSchema, nmfSyntheticSchema]);
export type NmfSpec = z.infer<typeof nmfSpecSchema>;
export type NmfSyntheticSpec = z.infer<typeof nmfSyntheticSchema>;

/** For example `nmf-mnist-16` or `nmf-synthetic-16-batch32-noise0.1`. */
function nmfLabel(spec: NmfSpec): string {
  const common =
    `nmf-${spec.data}-${spec.rank}` +
    labelUnlessDefault("batch", spec.batch, defaults.batch) +
    labelUnlessDefault("rows", spec.rows, defaults.rows) +
    labelUnlessDefault("eval", spec.evaluationRows, defaults.evaluationRows);
  if (spec.data === "mnist") return common;
  return (
    common +
    labelUnlessDefault("columns", spec.columns, syntheticDefaults.columns) +
    labelUnlessDefault("true", spec.trueRank, syntheticDefaults.trueRank) +
    labelUnlessDefault("noise", spec.noise, syntheticDefaults.noise)
  );
}

function nmfCost(spec: NmfSpec): TaskCost {
  const columns = spec.data === "mnist" ? mnistColumns : spec.columns;
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
  description: "Stochastic non-negative matrix factorisation V ≈ WH of MNIST pixels or of a synthetic low-rank matrix",
  parameters: specParameters({ ...nmfSyntheticSchema.shape, ...nmfMnistSchema.shape }),
  schema: nmfSpecSchema,
  label: nmfLabel,
  cost: nmfCost,
};

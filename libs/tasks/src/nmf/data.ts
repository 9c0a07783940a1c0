import { randomStream } from "@stride/random";
import { mnistDigits, mnistPixels } from "../mnist/mnist.js";
import type { DataSet } from "../task.js";
import type { NmfSpec, NmfSyntheticSpec } from "./spec.js";

/** Rows of V to train on, and rows never trained on; both non-negative, as the array `rows`. */
export interface NmfData {
  readonly columns: number;
  readonly training: DataSet;
  readonly evaluation: DataSet;
}

export async function nmfData(spec: NmfSpec): Promise<NmfData> {
  if (spec.data === "synthetic") return syntheticData(spec);
  const [training, evaluation] = await Promise.all([
    mnistDigits({ split: "training", count: spec.rows }),
    mnistDigits({ split: "test", count: spec.evaluationRows }),
  ]);
  return {
    columns: mnistPixels,
    training: dataSet(training.pixels, mnistPixels),
    evaluation: dataSet(evaluation.pixels, mnistPixels),
  };
}

/**
 * V = max(0, (4 / q) A B + noise · N(0, 1)) with A, B uniform in [0, 1) and q the true rank, so that entries have mean 1.
 * Part of the problem, not of a trial: the same for every seed.
 */
export function syntheticData({ rows, evaluationRows, columns, trueRank, noise }: NmfSyntheticSpec): NmfData {
  const left = randomStream({ seed: 0, purpose: "nmf-synthetic-left" });
  const right = randomStream({ seed: 0, purpose: "nmf-synthetic-right" });
  const disturbance = randomStream({ seed: 0, purpose: "nmf-synthetic-noise" });
  const patterns = Array.from({ length: trueRank }, (_, q) => right.uniforms(q, columns));
  const values = new Float32Array((rows + evaluationRows) * columns);
  for (let i = 0; i < rows + evaluationRows; i++) {
    const row = noise === 0 ? new Float64Array(columns) : disturbance.normals(i, columns).map((value) => value * noise);
    const weights = left.uniforms(i, trueRank);
    patterns.forEach((pattern, q) => {
      const weight = (4 / trueRank) * (weights[q] as number);
      for (let j = 0; j < columns; j++) row[j] = (row[j] as number) + weight * (pattern[j] as number);
    });
    for (let j = 0; j < columns; j++) values[i * columns + j] = Math.max(0, row[j] as number);
  }
  return {
    columns,
    training: dataSet(values.slice(0, rows * columns), columns),
    evaluation: dataSet(values.slice(rows * columns), columns),
  };
}

const dataSets = new WeakMap<Float32Array, DataSet>();

/** One data set object for one array, so that executors can keep its tensors. */
function dataSet(values: Float32Array, columns: number): DataSet {
  const made = dataSets.get(values) ?? {
    size: values.length / columns,
    arrays: [{ name: "rows", shape: [columns], values }],
  };
  dataSets.set(values, made);
  return made;
}

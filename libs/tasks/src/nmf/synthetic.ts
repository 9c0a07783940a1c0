import { randomStream } from "@stride/random";
import { type NmfData, rowsDataSet } from "./rows.js";
import type { NmfSyntheticSpec } from "./spec.js";

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
    training: rowsDataSet(values.slice(0, rows * columns), columns),
    evaluation: rowsDataSet(values.slice(rows * columns), columns),
  };
}

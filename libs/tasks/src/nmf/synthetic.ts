import { randomStream } from "@stride/random";
import { type NmfData, rowsDataSet } from "./rows.js";
import type { NmfSyntheticSpec } from "./spec.js";

/**
 * V = max(0, 4 A diag(s) B / Σ s + noise · N(0, 1)) with A, B uniform in [0, 1), so that entries have mean 1. The scales s of the true factors fall
 * geometrically from 1 to 1 / conditionNumber; at 1 all are 1. Part of the problem, not of a trial: the same for every seed; `matrix` numbers
 * matrices drawn apart.
 */
export function syntheticData(spec: NmfSyntheticSpec): NmfData {
  const { rows, evaluationRows, columns, trueRank, noise, conditionNumber = 1, matrix: seed = 0 } = spec;
  const left = randomStream({ seed, purpose: "nmf-synthetic-left" });
  const right = randomStream({ seed, purpose: "nmf-synthetic-right" });
  const disturbance = randomStream({ seed, purpose: "nmf-synthetic-noise" });
  const scales = Array.from({ length: trueRank }, (_, q) => conditionNumber ** (-q / Math.max(1, trueRank - 1)));
  const whole = scales.reduce((sum, scale) => sum + scale, 0);
  const patterns = Array.from({ length: trueRank }, (_, q) => right.uniforms(q, columns));
  const values = new Float32Array((rows + evaluationRows) * columns);
  for (let i = 0; i < rows + evaluationRows; i++) {
    const row = noise === 0 ? new Float64Array(columns) : disturbance.normals(i, columns).map((value) => value * noise);
    const weights = left.uniforms(i, trueRank);
    patterns.forEach((pattern, q) => {
      const weight = ((4 * (scales[q] as number)) / whole) * (weights[q] as number);
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

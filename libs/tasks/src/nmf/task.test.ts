import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../task.js";
import type { NmfSyntheticSpec } from "./spec.js";
import { syntheticData } from "./synthetic.js";
import { createNmf } from "./task.js";

const spec: NmfSyntheticSpec = {
  kind: "nmf",
  data: "synthetic",
  rank: 2,
  batch: 3,
  rows: 6,
  evaluationRows: 4,
  columns: 5,
  trueRank: 2,
  noise: 0.1,
};

let task: Task;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
  task = await createNmf(spec);
});

const rowOf = (i: number) => [...(task.training.arrays[0]?.values.slice(i * 5, i * 5 + 5) ?? [])];
const lossOf =
  (indices: number[][]) =>
  (...parameters: tf.Tensor[]) =>
    task.loss(parameters, {
      indices: tf.tensor2d(indices, undefined, "int32"),
      arrays: { rows: tf.tensor3d(indices.map((batch) => batch.map(rowOf))) },
    });
const trial = (seed: number) => {
  const [w = [], h = []] = task.init(randomStream({ seed, purpose: "initial-weights" })).map((values) => [...values]);
  return { w, h };
};
const cohort = (...trials: ReturnType<typeof trial>[]) => [
  tf.tensor3d(
    trials.flatMap(({ w }) => w),
    [trials.length, 6, 2],
  ),
  tf.tensor3d(
    trials.flatMap(({ h }) => h),
    [trials.length, 2, 5],
  ),
];

describe("loss", () => {
  it("has the gradients (WH − V)Hᵀ / B and Wᵀ(WH − V) / B on the rows of the batch, 0 on the others", () => {
    const batch = [4, 1, 0];
    const { w, h } = trial(1);
    const { value, grads } = tf.valueAndGrads(lossOf([batch]))(cohort({ w, h }));
    const W = (i: number, q: number) => w[i * 2 + q] as number;
    const H = (q: number, j: number) => h[q * 5 + j] as number;
    const E = (i: number, j: number) => W(i, 0) * H(0, j) + W(i, 1) * H(1, j) - (rowOf(i)[j] as number);
    const columns = [0, 1, 2, 3, 4];
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

    expect((value.arraySync() as number[])[0]).toBeCloseTo(
      sum(batch.flatMap((i) => columns.map((j) => E(i, j) ** 2))) / (2 * 3),
      5,
    );
    const gradientW = (grads[0] as tf.Tensor).arraySync() as number[][][];
    const gradientH = (grads[1] as tf.Tensor).arraySync() as number[][][];
    for (let q = 0; q < 2; q++) {
      for (let i = 0; i < 6; i++) {
        const expected = batch.includes(i) ? sum(columns.map((j) => E(i, j) * H(q, j))) / 3 : 0;
        expect(gradientW[0]?.[i]?.[q]).toBeCloseTo(expected, 5);
      }
      for (const j of columns) {
        expect(gradientH[0]?.[q]?.[j]).toBeCloseTo(sum(batch.map((i) => W(i, q) * E(i, j))) / 3, 5);
      }
    }
  });

  it("keeps the trials of a cohort apart, each with its own batch or all with one", () => {
    const [a, b] = [trial(1), trial(2)];
    const run = (indices: number[][], ...trials: ReturnType<typeof trial>[]) => {
      const { value, grads } = tf.valueAndGrads(lossOf(indices))(cohort(...trials));
      return [value, ...grads].map((tensor) => tensor.unstack().map((slice) => slice.arraySync()));
    };
    const apart = [run([[0, 1, 2]], a), run([[5, 3, 1]], b)];
    expect(
      run(
        [
          [0, 1, 2],
          [5, 3, 1],
        ],
        a,
        b,
      ),
    ).toEqual([0, 1, 2].map((i) => apart.flatMap((each) => each[i])));
    const shared = [run([[2, 3, 4]], a), run([[2, 3, 4]], b)];
    expect(run([[2, 3, 4]], a, b)).toEqual([0, 1, 2].map((i) => shared.flatMap((each) => each[i])));
  });
});

it("projects both factors onto ≥ 0 and keeps what is not finite", () => {
  const projected = task
    .project?.([tf.tensor1d([-1, 0, 2]), tf.tensor1d([Number.NaN])])
    .map((each) => each.arraySync());
  expect(projected).toEqual([[0, 0, 2], [Number.NaN]]);
});

it("starts non-negative, with WH of the scale of V", () => {
  const { w, h } = trial(3);
  expect(Math.min(...w, ...h)).toBeGreaterThanOrEqual(0);
  expect(new Set(w).size).toBe(w.length);
});

describe("synthetic data", () => {
  const large = { ...spec, rows: 400, evaluationRows: 100, columns: 50, noise: 0 };
  const values = (given: NmfSyntheticSpec) => syntheticData(given).training.arrays[0]?.values as Float32Array;
  const mean = (array: Float32Array) => array.reduce((a, b) => a + b, 0) / array.length;

  it("is non-negative with a mean near 1", () => {
    expect(Math.min(...values(large))).toBeGreaterThanOrEqual(0);
    expect(mean(values(large))).toBeGreaterThan(0.8);
    expect(mean(values(large))).toBeLessThan(1.2);
  });

  it("has the stated rank: without noise, any three rows are dependent at rank 2", () => {
    const [a = [], b = [], c = []] = [0, 1, 2].map((i) => [...values(large).slice(i * 50, i * 50 + 3)]);
    const at = (row: number[], j: number) => row[j] as number;
    const determinant =
      at(a, 0) * (at(b, 1) * at(c, 2) - at(b, 2) * at(c, 1)) -
      at(a, 1) * (at(b, 0) * at(c, 2) - at(b, 2) * at(c, 0)) +
      at(a, 2) * (at(b, 0) * at(c, 1) - at(b, 1) * at(c, 0));
    expect(Math.abs(determinant)).toBeLessThan(1e-5);
  });

  it("is another matrix for another number, and the first where none is given", () => {
    expect(values({ ...large, matrix: 0 })).toEqual(values(large));
    expect(values({ ...large, matrix: 1 })).not.toEqual(values(large));
    expect(values({ ...large, matrix: 1 })).not.toEqual(values({ ...large, matrix: 2 }));
  });

  it("has factors of scales that fall to the stated part of the first, and still a mean near 1", () => {
    expect(values({ ...large, conditionNumber: 1 })).toEqual(values(large));
    const steep = values({ ...large, conditionNumber: 1e6 });
    expect(mean(steep)).toBeGreaterThan(0.8);
    expect(mean(steep)).toBeLessThan(1.2);
    // A second factor of a millionth of the first leaves next to a matrix of rank one.
    const [first, second] = [steep.slice(0, 50), steep.slice(50, 100)];
    const ratio = (second[0] as number) / (first[0] as number);
    for (let j = 0; j < 50; j++) expect((second[j] as number) / (first[j] as number) / ratio).toBeCloseTo(1, 3);
  });

  it("is disturbed by the stated noise", () => {
    const clean = values(large);
    const noisy = values({ ...large, noise: 0.05 });
    const differences = clean
      .map((value, i) => (value > 0.5 ? (noisy[i] as number) - value : 0))
      .filter((d) => d !== 0);
    const deviation = Math.sqrt(mean(differences.map((d) => d * d)));
    expect(deviation).toBeGreaterThan(0.048);
    expect(deviation).toBeLessThan(0.052);
  });
});

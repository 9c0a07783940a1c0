import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { DescentStep } from "../task.js";
import { blockBound, rayBound } from "./stability-bound.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const [rows, rank, columns] = [5, 3, 4];

/** One trial: V, and W and H, or what is subtracted from them; row-major. */
interface Factors {
  readonly w: readonly number[];
  readonly h: readonly number[];
}
interface Problem extends Factors {
  readonly v: readonly number[];
}

/** f = ‖V − WH‖² / 2B in double precision. */
function lossOf(v: readonly number[], { w, h }: Factors): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let residual = -(v[i * columns + j] as number);
      for (let q = 0; q < rank; q++) residual += (w[i * rank + q] as number) * (h[q * columns + j] as number);
      sum += residual ** 2;
    }
  }
  return sum / (2 * rows);
}

/** The gradients of f in double precision. */
function gradientOf({ v, w, h }: Problem): Factors {
  const gradient = { w: w.map(() => 0), h: h.map(() => 0) };
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let residual = -(v[i * columns + j] as number);
      for (let q = 0; q < rank; q++) residual += (w[i * rank + q] as number) * (h[q * columns + j] as number);
      for (let q = 0; q < rank; q++) {
        gradient.w[i * rank + q] =
          (gradient.w[i * rank + q] as number) + (residual * (h[q * columns + j] as number)) / rows;
        gradient.h[q * columns + j] =
          (gradient.h[q * columns + j] as number) + (residual * (w[i * rank + q] as number)) / rows;
      }
    }
  }
  return gradient;
}

const tensors = ({ w, h }: Factors) => [tf.tensor3d([...w], [1, rows, rank]), tf.tensor3d([...h], [1, rank, columns])];

/** All rows as the batch, in another order than they lie in. */
function stepOf(problem: Problem, direction?: Factors): Omit<DescentStep, "kind"> {
  const order = [3, 0, 4, 1, 2];
  const gradients = tensors(gradientOf(problem));
  const batch = order.map((i) => problem.v.slice(i * columns, (i + 1) * columns));
  return {
    parameters: tensors(problem),
    batch: { indices: tf.tensor2d([order], undefined, "int32"), arrays: { rows: tf.tensor3d([batch]) } },
    gradients,
    direction: direction === undefined ? gradients : tensors(direction),
  };
}

const ray = (problem: Problem, direction?: Factors) =>
  tf.tidy(() => rayBound({ kind: "ray", ...stepOf(problem, direction) }).dataSync()[0] as number);
const block = (problem: Problem) =>
  tf.tidy(() => blockBound({ kind: "block", ...stepOf(problem) }).dataSync()[0] as number);

const moved = (from: Factors, direction: Factors, rate: number): Factors => ({
  w: from.w.map((x, i) => x - rate * (direction.w[i] as number)),
  h: from.h.map((x, i) => x - rate * (direction.h[i] as number)),
});
const projected = ({ w, h }: Factors): Factors => ({
  w: w.map((x) => Math.max(0, x)),
  h: h.map((x) => Math.max(0, x)),
});
const still: Factors = { w: Array(rows * rank).fill(0), h: Array(rank * columns).fill(0) };

/** Thousandths, so that products stay far from the least numbers that float32 knows. */
const numbers = (count: number, least: number, most: number) => {
  const number = fc.integer({ min: 1000 * least, max: 1000 * most }).map((thousandths) => thousandths / 1000);
  return fc.array(number, { minLength: count, maxLength: count });
};
/** Factors of sizes from 0.03 to 30 beside a V of size 1. */
const problems = (least: number) =>
  fc
    .record({
      v: numbers(rows * columns, 0, 1),
      w: numbers(rows * rank, least, 1),
      h: numbers(rank * columns, least, 1),
      sizes: fc.tuple(fc.double({ min: -1.5, max: 1.5, noNaN: true }), fc.double({ min: -1.5, max: 1.5, noNaN: true })),
    })
    .map(({ v, w, h, sizes: [ofW, ofH] }) => ({
      v,
      w: w.map((x) => Math.fround(x * 10 ** ofW)),
      h: h.map((x) => Math.fround(x * 10 ** ofH)),
    }));

describe("the ray bound, both factors updated at once", () => {
  it("parts the rates at which the loss does not rise from those at which it does", () => {
    fc.assert(
      fc.property(problems(0.01), (problem) => {
        const gradient = gradientOf(problem);
        const bound = ray(problem);
        const before = lossOf(problem.v, problem);
        const after = (factor: number) => lossOf(problem.v, moved(problem, gradient, factor * bound));
        for (const factor of [1e-3, 0.1, 0.5, 0.9, 0.999]) expect(after(factor)).toBeLessThan(before);
        expect(after(1.001)).toBeGreaterThan(before);
      }),
      { numRuns: 300 },
    );
  });

  it("is 2 / L of the one number of a 1 × 1 factorisation whose other factor stands still", () => {
    // f = (w h − v)² / 2 with h held: h's part of the direction is zero, and w moves on a parabola of curvature h² = 4.
    const problem = { v: [3], w: [1], h: [2] };
    const direction = [tf.tensor3d([[[-2]]]), tf.tensor3d([[[0]]])];
    const bound = rayBound({
      kind: "ray",
      parameters: [tf.tensor3d([[problem.w]]), tf.tensor3d([[problem.h]])],
      batch: { indices: tf.tensor2d([[0]], [1, 1], "int32"), arrays: { rows: tf.tensor3d([[problem.v]]) } },
      gradients: [tf.tensor3d([[[-2]]]), tf.tensor3d([[[-1]]])],
      direction,
    });
    expect(bound.dataSync()[0]).toBeCloseTo(2 / 4, 6);
  });

  it("leaves out what the projection takes back: entries at 0 that would fall", () => {
    fc.assert(
      fc.property(problems(0.01), fc.integer({ min: 0, max: rows * rank - 1 }), (problem, zero) => {
        const held = { ...problem, w: problem.w.with(zero, 0) };
        const gradient = gradientOf(held);
        fc.pre((gradient.w[zero] as number) > 0);
        const bound = ray(held);
        const stays = { ...gradient, w: gradient.w.with(zero, 0) };
        const after = (factor: number) => lossOf(held.v, moved(held, stays, factor * bound));
        expect(after(0.999)).toBeLessThan(lossOf(held.v, held));
        expect(after(1.001)).toBeGreaterThan(lossOf(held.v, held));
      }),
      { numRuns: 100 },
    );
  });

  it("holds along a gradient under noise, and is 0 where that ascends", () => {
    const directions = fc.record({ w: numbers(rows * rank, -1, 1), h: numbers(rank * columns, -1, 1) });
    fc.assert(
      fc.property(problems(0.01), directions, (problem, direction) => {
        const gradient = gradientOf(problem);
        const dot = (a: Factors, b: Factors) =>
          [...a.w, ...a.h].reduce((sum, x, i) => sum + x * ([...b.w, ...b.h][i] as number), 0);
        const [slope, size] = [
          dot(gradient, direction),
          Math.sqrt(dot(gradient, gradient) * dot(direction, direction)),
        ];
        fc.pre(Math.abs(slope) > 0.01 * size);
        const bound = ray(problem, direction);
        if (slope < 0) {
          expect(bound).toBe(0);
          return;
        }
        const before = lossOf(problem.v, problem);
        const after = (factor: number) => lossOf(problem.v, moved(problem, direction, factor * bound));
        expect(after(0.999)).toBeLessThan(before);
        expect(after(1.001)).toBeGreaterThan(before);
      }),
      { numRuns: 200 },
    );
  });

  it("is +Infinity where the gradient is zero", () => {
    const w = [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1];
    const h = [1, 2, 0, 1, 0, 1, 1, 0, 2, 0, 1, 1];
    const v = Array.from({ length: rows * columns }, (_, at) => {
      const [i, j] = [Math.floor(at / columns), at % columns];
      return [0, 1, 2].reduce((sum, q) => sum + (w[i * rank + q] as number) * (h[q * columns + j] as number), 0);
    });
    expect(ray({ v, w, h })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the block bound, one factor updated alone", () => {
  const alone = (gradient: Factors): Factors[] => [
    { ...still, w: gradient.w },
    { ...still, h: gradient.h },
  ];

  it("never lets the loss rise", () => {
    fc.assert(
      fc.property(problems(-1), (problem) => {
        fc.pre(problem.w.some((x) => x !== 0) && problem.h.some((x) => x !== 0));
        const bound = block(problem);
        const before = lossOf(problem.v, problem);
        for (const direction of alone(gradientOf(problem))) {
          expect(lossOf(problem.v, moved(problem, direction, 0.9999 * bound))).toBeLessThanOrEqual(before);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("never lets the loss rise with a projection, at half of it", () => {
    fc.assert(
      fc.property(problems(0), (problem) => {
        fc.pre(problem.w.some((x) => x !== 0) && problem.h.some((x) => x !== 0));
        const bound = block(problem);
        const before = lossOf(problem.v, problem);
        for (const direction of alone(gradientOf(problem))) {
          const after = projected(moved(problem, direction, 0.4999 * bound));
          expect(lossOf(problem.v, after)).toBeLessThanOrEqual(before + 1e-12);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is 2 / L of the steeper factor where its curvatures are known", () => {
    // H Hᵀ = diag(1, 4, 9) and WᵀW = diag(1, 1, 16): 2 B / 16.
    const w = [1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0];
    const h = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0];
    expect(block({ v: Array(rows * columns).fill(1), w, h })).toBeCloseTo((2 * rows) / 16, 5);
  });

  it("is +Infinity where both factors are zero", () => {
    expect(block({ v: Array(rows * columns).fill(1), ...still })).toBe(Number.POSITIVE_INFINITY);
  });
});

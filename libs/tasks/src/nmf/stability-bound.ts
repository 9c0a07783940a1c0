import * as tf from "@tensorflow/tfjs-core";
import type { DescentStep } from "../task.js";
import { gatherRows } from "./gather-rows.js";
import { largestEigenvalueBound } from "./largest-eigenvalue.js";
import { smallestRoot } from "./smallest-root.js";

const unbounded = Number.POSITIVE_INFINITY;
const leastCurvature = 1e-30;

/**
 * The largest η of each trial `[K]` at which W − η U, H − η Y does not have a larger mini-batch loss f = ‖E‖² / 2B than W, H, where (U, Y) is the
 * step's direction and E = W_B H − V_B. Along the step f is exactly a quartic: with P = U_B H + W_B Y and Q = U_B Y,
 *
 *   B (f(η) − f(0)) = −η a + η² b − η³ c + η⁴ d,
 *   a = B ⟨∇f, (U, Y)⟩,  b = ½‖P‖² + ⟨E, Q⟩,  c = ⟨P, Q⟩,  d = ½‖Q‖²,
 *
 * and the bound is its smallest positive root. Stride's own derivation (docs/stability.md). Entries that stand at 0 and would be
 * projected back do not move and are left out of the direction; the bound is exact while the step drives no other to 0. The direction
 * is divided by its length first, so that nothing under- or overflows where gradients are small or large.
 */
export function rayBound({ parameters, batch, gradients, direction }: DescentStep): tf.Tensor {
  const indices = batch.indices as tf.Tensor;
  const ofBatch = ([w, h]: readonly tf.Tensor[]) => [gatherRows(w as tf.Tensor, indices), h as tf.Tensor] as const;
  const [w, h] = ofBatch(parameters);
  const moved = ofBatch(direction);
  const [u, y] = [free(w, moved[0]), free(h, moved[1])];
  const length = tf.sqrt(tf.add(inner(u, u), inner(y, y)));
  const moves = tf.greater(length, 0);
  const divisor = tf.where(moves, length, tf.onesLike(length));
  const perMatrix = tf.reshape(divisor, [-1, 1, 1]);
  const [unitU, unitY] = [tf.div(u, perMatrix), tf.div(y, perMatrix)];

  const descent = direction === gradients ? length : slopeAlong(ofBatch(gradients), [unitU, unitY]);
  const a = tf.mul(indices.shape[1] as number, descent);
  const residual = tf.sub(tf.matMul(w, h), batch.arrays.rows as tf.Tensor);
  const { squareOfP, pq, squareOfQ } = products([w, h], [unitU, unitY]);
  const [half, eq] = [tf.mul(0.5, squareOfP), inner(tf.matMul(residual, unitY, false, true), unitU)];
  // In this unit of η the coefficients are of the size of 1 where the step is usual.
  const size = tf.add(half, tf.abs(eq));
  const unit = tf.div(a, size);
  const perSize = tf.div(unit, size);
  const root = smallestRoot({
    b: tf.div(tf.add(half, eq), size),
    c: tf.mul(pq, perSize),
    d: tf.mul(tf.mul(0.5, squareOfQ), tf.mul(perSize, unit)),
  });
  const rate = tf.where(tf.greater(descent, 0), tf.div(tf.mul(root, unit), divisor), tf.zerosLike(root));
  return tf.where(moves, rate, tf.fill(rate.shape, unbounded));
}

/**
 * ‖P‖², ⟨P, Q⟩ and ‖Q‖² of P = U H + W Y and Q = U Y, `[K]`, from products of r × r matrices: P and Q themselves are as large as the
 * batch. With A = (U W) and C the rows of H over those of Y, P = A C, so that ‖P‖² = ⟨AᵀA, CCᵀ⟩, and so on.
 */
function products([w, h]: Pair, [u, y]: Pair) {
  const rank = h.shape[1] as number;
  const left = tf.concat([u, w], 2);
  const right = tf.concat([h, y], 1);
  const [lefts, rights] = [tf.matMul(left, left, true, false), tf.matMul(right, right, false, true)];
  const block = (of: tf.Tensor, row: number, rows: number, column: number) =>
    tf.slice(of, [0, row, column], [-1, rows, rank]);
  return {
    squareOfP: inner(lefts, rights),
    pq: inner(block(lefts, 0, 2 * rank, 0), block(rights, 0, 2 * rank, rank)),
    squareOfQ: inner(block(lefts, 0, rank, 0), block(rights, rank, rank, rank)),
  };
}

/**
 * min(2 / L_W, 2 / L_H) of each trial `[K]`, with L_W = λmax(H Hᵀ) / B and L_H = λmax(W_Bᵀ W_B) / B: f is quadratic in each factor alone, and updating one
 * alone along its exact gradient never raises f below it; with a projection onto ≥ 0, below half of it. Updating both at once may.
 * λmax is bounded from above, so that the bound is never too large but for rounding. Stride's own derivation (docs/stability.md).
 */
export function blockBound({ parameters: [w, h], batch }: DescentStep): tf.Tensor {
  const indices = batch.indices as tf.Tensor;
  const rows = gatherRows(w as tf.Tensor, indices);
  const curvature = tf.maximum(
    largestEigenvalueBound(tf.matMul(h as tf.Tensor, h as tf.Tensor, false, true)),
    largestEigenvalueBound(tf.matMul(rows, rows, true, false)),
  );
  const rate = tf.div(2 * (indices.shape[1] as number), tf.maximum(curvature, leastCurvature));
  return tf.where(tf.greater(curvature, leastCurvature), rate, tf.fill(rate.shape, unbounded));
}

type Pair = readonly [tf.Tensor, tf.Tensor];

function slopeAlong([w, h]: Pair, [u, y]: Pair): tf.Tensor {
  return tf.add(inner(w, u), inner(h, y));
}

/** The direction less what the projection onto ≥ 0 takes back at once. */
function free(parameter: tf.Tensor, direction: tf.Tensor): tf.Tensor {
  const held = tf.logicalAnd(tf.lessEqual(parameter, 0), tf.greater(direction, 0));
  return tf.where(held, tf.zerosLike(direction), direction);
}

/** ⟨A, B⟩ of matrices `[K, rows, columns]`, as `[K]`, row by row as in sum-of-squares.ts. */
function inner(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return tf.sum(tf.sum(tf.mul(a, b), 2), 1);
}

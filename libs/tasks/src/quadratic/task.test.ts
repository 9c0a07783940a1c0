import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import type { QuadraticSpec } from "./spec.js";
import { createQuadratic, curvatures } from "./task.js";

const spec: QuadraticSpec = { kind: "quadratic", dimension: 3, conditionNumber: 100 };
const task = createQuadratic(spec);

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it("spaces its curvatures evenly on a log scale up to 1", () => {
  expect([...curvatures(spec)]).toEqual([...Float32Array.of(0.01, 0.1, 1)]);
  expect([...curvatures({ ...spec, dimension: 1 })]).toEqual([1]);
});

it("is half the curvature times the square, summed, for each trial apart", () => {
  const x = tf.tensor2d([2, 2, 2, 0, 0, 3], [2, 3]);
  const losses = task.loss([x], { arrays: {} }).arraySync() as number[];
  expect(losses[0]).toBeCloseTo(2.22, 6);
  expect(losses[1]).toBeCloseTo(4.5, 6);
});

it("converges as gradient descent must: xᵢ(t) = (1 − η aᵢ)ᵗ xᵢ(0)", () => {
  const rates = [0.5, 1.9, 2.1];
  const start = [1, -2, 0.5];
  const gradients = tf.grads((...x: tf.Tensor[]) => task.loss(x, { arrays: {} }));
  const x = tf.tidy(() => {
    let position: tf.Tensor = tf.tensor2d(rates.map(() => start));
    for (let t = 0; t < 20; t++) {
      position = position.sub(tf.tensor2d(rates, [3, 1]).mul(gradients([position])[0] as tf.Tensor));
    }
    return position.arraySync() as number[][];
  });
  rates.forEach((rate, k) => {
    curvatures(spec).forEach((curvature, i) => {
      expect(x[k]?.[i]).toBeCloseTo((1 - rate * curvature) ** 20 * (start[i] as number), 4);
    });
  });
});

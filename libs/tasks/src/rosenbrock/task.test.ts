import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createRosenbrock } from "./task.js";

const lossOf = (x: tf.Tensor) =>
  createRosenbrock({ kind: "rosenbrock", dimension: x.shape[1] as number }).loss([x], { arrays: {} });

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it.each([
  { x: [1, 1], f: 0 },
  { x: [0, 0], f: 1 },
  { x: [-1.2, 1], f: 24.2 },
  { x: [1, 2, 3], f: 201 },
  { x: [1, 1, 1, 1, 1], f: 0 },
])("is $f at $x", ({ x, f }) => {
  expect((lossOf(tf.tensor2d([x])).arraySync() as number[])[0]).toBeCloseTo(f, 4);
});

it("has the gradient (−215.6, −88) at the usual start (−1.2, 1)", () => {
  const [slope] = tf
    .grad(lossOf)(tf.tensor2d([[-1.2, 1]]))
    .arraySync() as [[number, number]];
  expect(slope[0]).toBeCloseTo(-215.6, 3);
  expect(slope[1]).toBeCloseTo(-88, 3);
});

it("starts within half a unit of (−1.2, 1, −1.2, …), which is five deviations", () => {
  const task = createRosenbrock({ kind: "rosenbrock", dimension: 1000 });
  const [start] = task.init(randomStream({ seed: 1, purpose: "initial-weights" })) as [Float32Array];
  const distances = start.map((value, i) => value - (i % 2 === 0 ? -1.2 : 1));
  expect(Math.max(...distances.map(Math.abs))).toBeLessThan(0.5);
  expect(distances.reduce((sum, value) => sum + value ** 2, 0) / 1000).toBeCloseTo(0.01, 2);
});

it.each([
  { rate: 0.001, ends: "in the valley" },
  { rate: 0.01, ends: "diverged" },
])("descent at a rate of $rate ends $ends", ({ rate, ends }) => {
  let x: tf.Tensor = tf.tensor2d([[-1.2, 1]]);
  for (let t = 0; t < 1000; t++) x = tf.tidy(() => x.sub(tf.mul(rate, tf.grad(lossOf)(x))));
  const [loss] = lossOf(x).arraySync() as [number];
  expect(loss < 1 ? "in the valley" : Number.isFinite(loss) ? "elsewhere" : "diverged").toBe(ends);
});

import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createRastrigin } from "./task.js";

const lossOf = (x: tf.Tensor) =>
  createRastrigin({ kind: "rastrigin", dimension: x.shape[1] as number }).loss([x], { arrays: {} });

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it.each([
  { x: [0, 0, 0], f: 0 },
  { x: [1, -1], f: 2 },
  { x: [0.5], f: 20.25 },
  { x: [0.25, 2], f: 14.0625 },
  // The highest point of the usual domain.
  { x: [4.52299366, 4.52299366], f: 80.7065817 },
])("is $f at $x", ({ x, f }) => {
  expect((lossOf(tf.tensor2d([x])).arraySync() as number[])[0]).toBeCloseTo(f, 4);
});

it("has the gradient 2 x + 20 π sin(2 π x)", () => {
  const [slope] = tf
    .grad(lossOf)(tf.tensor2d([[0.25, -1, 3.75]]))
    .arraySync() as [number[]];
  [0.5 + 20 * Math.PI, -2, 7.5 - 20 * Math.PI].forEach((expected, i) => {
    expect(slope[i]).toBeCloseTo(expected, 3);
  });
});

it("starts anywhere in its domain", () => {
  const task = createRastrigin({ kind: "rastrigin", dimension: 1000 });
  const [start] = task.init(randomStream({ seed: 1, purpose: "initial-weights" })) as [Float32Array];
  expect(Math.min(...start)).toBeGreaterThanOrEqual(-5.12);
  expect(Math.min(...start)).toBeLessThan(-5);
  expect(Math.max(...start)).toBeLessThanOrEqual(5.12);
  expect(Math.max(...start)).toBeGreaterThan(5);
});

it("keeps a small rate in the basin it starts in, at its least point near 2 × 0.99496", () => {
  let x: tf.Tensor = tf.tensor2d([[2.2]]);
  for (let t = 0; t < 200; t++) x = tf.tidy(() => x.sub(tf.mul(0.002, tf.grad(lossOf)(x))));
  expect((x.arraySync() as number[][])[0]?.[0]).toBeCloseTo(1.98991, 4);
});

import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createAckley } from "./task.js";

const lossOf = (x: tf.Tensor) =>
  createAckley({ kind: "ackley", dimension: x.shape[1] as number }).loss([x], { arrays: {} });
const at = (x: number[]) => (lossOf(tf.tensor2d([x])).arraySync() as [number])[0];
const slopeAt = (x: number[]) =>
  (
    tf
      .grad(lossOf)(tf.tensor2d([x]))
      .arraySync() as [number[]]
  )[0];

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it.each([
  { x: [0, 0], f: 0 },
  // 20 (1 − exp(−0.2)): the ripples are all at their least.
  { x: [1, -1], f: 3.62538 },
  // 20 + e − 20 exp(−0.1) − 1 / e: all at their greatest.
  { x: [0.5, 0.5, 0.5], f: 4.25365 },
  // 20 + e − 20 exp(−0.2 √(1 / 2)) − exp(1).
  { x: [1, 0], f: 2.63754 },
])("is $f at $x", ({ x, f }) => {
  expect(at(x)).toBeCloseTo(f, 4);
});

it("has no slope at 0, and the cone's of 4 and a little beside it", () => {
  expect(slopeAt([0, 0, 0])).toEqual([0, 0, 0]);
  // 4 exp(−0.0002) + e · 2π sin(0.002 π)
  expect(slopeAt([0.001])[0]).toBeCloseTo(4.1065, 3);
  expect(slopeAt([-0.001])[0]).toBeCloseTo(-4.1065, 3);
});

it("is finite wherever a trial may get, and not where it is lost", () => {
  expect(at([1e30])).toBeGreaterThan(19);
  expect(at([1e30])).toBeLessThan(20 + Math.E);
  expect(at([Number.POSITIVE_INFINITY])).toBeNaN();
  expect(at([Number.NaN, 1])).toBeNaN();
});

it("starts anywhere in its domain", () => {
  const task = createAckley({ kind: "ackley", dimension: 1000 });
  const [start] = task.init(randomStream({ seed: 1, purpose: "initial-weights" })) as [Float32Array];
  expect(Math.min(...start)).toBeGreaterThanOrEqual(-5);
  expect(Math.min(...start)).toBeLessThan(-4.9);
  expect(Math.max(...start)).toBeLessThanOrEqual(5);
  expect(Math.max(...start)).toBeGreaterThan(4.9);
});

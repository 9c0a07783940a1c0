import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import type { Batch, Task } from "../task.js";
import type { AutoencoderSpec } from "./spec.js";
import { createAutoencoder } from "./task.js";

const spec: AutoencoderSpec = {
  kind: "autoencoder",
  data: "mnist",
  hidden: [3],
  batch: 2,
  trainingSize: 40,
  evaluationSize: 10,
};

let task: Task;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
  task = await createAutoencoder(spec);
});

const zeros = () => task.parameters.map(({ shape }) => tf.zeros([1, ...shape]));
const value = (losses: tf.Tensor) => (losses.arraySync() as [number])[0];
const heldOut = (): Batch => ({ arrays: { pixels: tf.tensor(task.evaluation.arrays[0]?.values ?? [], [1, 10, 784]) } });

it("has half the squared length of an image as its loss where the output is 0", () => {
  // One image of four bright pixels, one of one: (4 + 1) / (2 · 2).
  const pixels = tf.zeros([1, 2, 784]).add(
    tf.tensor3d(
      Array.from({ length: 1568 }, (_, i) => (i < 4 || i === 800 ? 1 : 0)),
      [1, 2, 784],
    ),
  );
  expect(value(task.loss(zeros(), { arrays: { pixels } }))).toBe(1.25);
});

it("errs by 1 of 1 on held-out images where the output is 0", () => {
  expect(value(task.evaluate(zeros(), heldOut()))).toBeCloseTo(1, 6);
});

it("reproduces through one unit what is one pixel times a constant", () => {
  const [first, bias, last, lastBias] = zeros() as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const pixel = tf
    .oneHot(tf.tensor1d([7], "int32"), 784)
    .toFloat()
    .reshape([1, 784]);
  const into = tf
    .concat([pixel, tf.zeros([2, 784])])
    .transpose()
    .reshape([1, 784, 3]);
  const out = tf.concat([pixel, tf.zeros([2, 784])]).reshape([1, 3, 784]);
  const pixels = tf.stack([pixel.mul(0.5), pixel.mul(2)]).reshape([1, 2, 784]);
  expect(value(task.loss([first.add(into), bias, last.add(out), lastBias], { arrays: { pixels } }))).toBe(0);
});

it("starts near an output of 0, and learns by descent at a rate of 0.01", () => {
  const pixels = tf.tensor(task.training.arrays[0]?.values ?? [], [1, 40, 784]);
  const start = task.init(randomStream({ seed: 1, purpose: "initial-weights" }));
  let parameters = task.parameters.map(({ shape }, i) => tf.tensor(start[i] ?? [], [1, ...shape]));
  const before = value(task.evaluate(parameters, heldOut()));
  for (let t = 0; t < 60; t++) {
    parameters = tf.tidy(() => {
      // Of 40 images: the loss divides by the two of a mini-batch.
      const slopes = tf.grads((...given: tf.Tensor[]) => task.loss(given, { arrays: { pixels } }).div(20))(parameters);
      return parameters.map((each, i) => each.sub(tf.mul(0.01, slopes[i] as tf.Tensor)));
    });
  }
  expect(before).toBeGreaterThan(0.9);
  expect(before).toBeLessThan(1.1);
  expect(value(task.evaluate(parameters, heldOut()))).toBeLessThan(0.8);
});

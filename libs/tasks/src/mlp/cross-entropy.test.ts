import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { softmaxCrossEntropy } from "./cross-entropy.js";

const labels = () => tf.oneHot(tf.tensor2d([[0, 2]], [1, 2], "int32"), 3).toFloat();

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it("is log C where all classes are as likely", () => {
  expect(softmaxCrossEntropy(tf.fill([1, 2, 3], 7), labels()).arraySync()).toEqual([Math.fround(Math.log(3))]);
});

it("is the mean over the batch of −log p(label), each trial apart", () => {
  const logits = tf.log(
    tf.tensor3d([
      [
        [0.5, 0.25, 0.25],
        [0.1, 0.1, 0.8],
      ],
      [
        [0.2, 0.2, 0.6],
        [0.4, 0.5, 0.1],
      ],
    ]),
  );
  const [first, second] = softmaxCrossEntropy(logits, labels()).arraySync() as [number, number];
  expect(first).toBeCloseTo(-(Math.log(0.5) + Math.log(0.8)) / 2, 6);
  expect(second).toBeCloseTo(-(Math.log(0.2) + Math.log(0.1)) / 2, 6);
});

it("survives logits that overflow an exponential, and says so when one is not finite", () => {
  const logits = tf.tensor3d([
    [
      [1000, 0, -1000],
      [0, 0, 1000],
    ],
    [
      [Number.NaN, 0, 0],
      [0, 0, 0],
    ],
  ]);
  const [large, broken] = softmaxCrossEntropy(logits, labels()).arraySync() as [number, number];
  expect(large).toBe(0);
  expect(broken).toBeNaN();
});

it("has the gradient (softmax − labels) / B, which is that of the same loss in plain operations", () => {
  const logits = tf.tensor3d([
    [
      [0.3, -1.2, 2],
      [1, 0.5, -0.25],
    ],
    [
      [0, 4, -3],
      [0.1, 0.2, 0.3],
    ],
  ]);
  const plain = (z: tf.Tensor) => tf.neg(tf.sum(tf.mul(labels(), tf.logSoftmax(z)), [1, 2])).div(2);
  const weights = tf.tensor1d([1, 3]);
  const ours = tf.grad((z) => tf.mul(weights, softmaxCrossEntropy(z, labels())))(logits);
  const derived = tf.grad((z) => tf.mul(weights, plain(z)))(logits);
  expect(tf.max(tf.abs(tf.sub(ours, derived))).arraySync()).toBeLessThan(1e-6);
  const stated = tf
    .softmax(logits)
    .sub(labels())
    .div(2)
    .mul(weights.reshape([2, 1, 1]));
  expect(tf.max(tf.abs(tf.sub(ours, stated))).arraySync()).toBeLessThan(1e-6);
});

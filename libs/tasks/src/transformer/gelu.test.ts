import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { gelu } from "./gelu.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it("is x Φ(x), to 5·10⁻⁴", () => {
  const x = tf.linspace(-4, 4, 41);
  const exact = tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))));
  expect(tf.max(tf.abs(tf.sub(gelu(x), exact))).arraySync()).toBeLessThan(5e-4);
});

it("has the slope of the same formula in plain operations", () => {
  const plain = (x: tf.Tensor) => {
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
    return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
  };
  const x = tf.linspace(-5, 5, 41);
  expect(tf.max(tf.abs(tf.sub(gelu(x), plain(x)))).arraySync()).toBeLessThan(1e-6);
  expect(tf.max(tf.abs(tf.sub(tf.grad(gelu)(x), tf.grad(plain)(x)))).arraySync()).toBeLessThan(1e-6);
});

import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { applyLayers, initialLayers, layerShapes } from "./layers.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it("has a weight for each pair of neighbouring units and a bias for each unit", () => {
  expect(layerShapes([4, 3, 2])).toEqual([
    { name: "weights0", shape: [4, 3] },
    { name: "bias0", shape: [1, 3] },
    { name: "weights1", shape: [3, 2] },
    { name: "bias1", shape: [1, 2] },
  ]);
});

it("starts with weights of variance 2 / fan-in, and biases of 0", () => {
  const [weights, bias] = initialLayers(randomStream({ seed: 1, purpose: "initial-weights" }), layerShapes([50, 200]));
  const variance = (weights as Float32Array).reduce((sum, value) => sum + value * value, 0) / 10_000;
  expect(variance).toBeCloseTo(0.04, 2);
  expect(bias).toEqual(new Float32Array(200));
});

it("cuts negative values off between layers, and not at the end", () => {
  const parameters = [
    tf.tensor3d([1, -1], [1, 1, 2]),
    tf.tensor3d([0.5, 0], [1, 1, 2]),
    tf.tensor3d([-1, 10], [1, 2, 1]),
    tf.tensor3d([0.25], [1, 1, 1]),
  ];
  // 2 → (2.5, −2 → 0) → −2.5 + 0.25, and −3 → (−2.5 → 0, 3) → 30 + 0.25.
  expect(applyLayers(parameters, tf.tensor3d([2, -3], [1, 2, 1])).arraySync()).toEqual([[[-2.25], [30.25]]]);
});

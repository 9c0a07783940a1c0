import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Batch, Task } from "../task.js";
import type { LogisticSyntheticSpec } from "./spec.js";
import { syntheticClasses, variances } from "./synthetic-classes.js";
import { createLogistic } from "./task.js";

const spec: LogisticSyntheticSpec = {
  kind: "logistic",
  data: "synthetic",
  dimension: 3,
  conditionNumber: 100,
  penalty: 0.1,
  batch: 2,
  trainingSize: 2000,
  evaluationSize: 500,
};

let task: Task;
beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
  task = await createLogistic(spec);
});

const batch: Batch = {
  arrays: {
    inputs: tf.tensor3d([1, 0, 2, -1, 1, 0], [1, 2, 3]),
    labels: tf.tensor3d([1, 0, 0, 1], [1, 2, 2]),
  },
};
const model = (weights: number[], bias: number[]) => [tf.tensor3d(weights, [1, 3, 2]), tf.tensor3d(bias, [1, 1, 2])];
const value = (losses: tf.Tensor) => (losses.arraySync() as [number])[0];

describe("loss", () => {
  const weights = [1, 0, 0, 2, 0, 1];
  const bias = [0, 0.5];
  // Logits (1, 2.5) and (−1, 2.5): margins of the labels −1.5 and 3.5.
  const fit = (Math.log(1 + Math.exp(1.5)) + Math.log(1 + Math.exp(-3.5))) / 2;

  it("is the mean cross-entropy and λ/2 of the weights' squares, without the bias'", () => {
    expect(value(task.loss(model(weights, bias), batch))).toBeCloseTo(fit + 0.05 * 6, 6);
  });

  it("is judged without the penalty", () => {
    expect(value(task.evaluate(model(weights, bias), batch))).toBeCloseTo(fit, 6);
  });

  it("has the gradient xᵀ(p − y) / B + λ W", () => {
    const [gradient] = tf.grads((...given: tf.Tensor[]) => task.loss(given, batch))(model(weights, bias));
    const slope = (gradient as tf.Tensor).arraySync() as [number[][]];
    const first = 1 - 1 / (1 + Math.exp(1.5));
    const second = 1 / (1 + Math.exp(3.5));
    // Of the weight from the first input to the second class: inputs 1 and −1, W = 0.
    expect(slope[0][0]?.[1]).toBeCloseTo((first + second) / 2, 6);
    // From the third to the second: inputs 2 and 0, W = 1.
    expect(slope[0][2]?.[1]).toBeCloseTo(first + 0.1, 6);
  });

  it("is strongly convex: f(mid) ≤ mean of f − λ/8 ‖difference of weights‖²", () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = randomStream({ seed, purpose: "convexity" });
      const [a, b] = [0, 1].map((which) =>
        model([...random.normals(2 * which, 6)], [...random.normals(2 * which + 1, 2)]),
      );
      const middle = (a as tf.Tensor[]).map((each, i) => tf.div(tf.add(each, (b as tf.Tensor[])[i] as tf.Tensor), 2));
      const gap = tf.sum(tf.squaredDifference(a?.[0] as tf.Tensor, b?.[0] as tf.Tensor)).arraySync() as number;
      const mean = (value(task.loss(a as tf.Tensor[], batch)) + value(task.loss(b as tf.Tensor[], batch))) / 2;
      expect(value(task.loss(middle, batch))).toBeLessThanOrEqual(mean - (0.1 / 8) * gap + 1e-6);
    }
  });
});

describe("synthetic classes", () => {
  const { training, evaluation } = syntheticClasses(spec);
  const [inputs, labels] = training.arrays.map(({ values }) => values) as [Float32Array, Float32Array];

  it("has inputs of variances 0.01, 0.1 and 1", () => {
    expect([...variances(spec)].map((each) => each.toFixed(6))).toEqual(["0.010000", "0.100000", "1.000000"]);
    [0.01, 0.1, 1].forEach((expected, j) => {
      const second = inputs.filter((_, i) => i % 3 === j).reduce((sum, each) => sum + each ** 2, 0) / 2000;
      expect(second / expected).toBeGreaterThan(0.9);
      expect(second / expected).toBeLessThan(1.1);
    });
  });

  it("has two classes as often", () => {
    const ones = labels.filter((each, i) => i % 2 === 1 && each === 1).length;
    expect(ones / 2000).toBeCloseTo(0.5, 1);
    expect(labels.reduce((sum, each) => sum + each, 0)).toBe(2000);
  });

  it("is told apart by descent at a rate of 3, and not stably at 40", async () => {
    const whole = (set: typeof training): Batch => ({
      arrays: Object.fromEntries(
        set.arrays.map(({ name, shape, values }) => [name, tf.tensor(values, [1, set.size, ...shape])]),
      ),
    });
    const free = await createLogistic({ ...spec, penalty: 0.001 });
    const descend = (rate: number) => {
      let parameters: tf.Tensor[] = model([0, 0, 0, 0, 0, 0], [0, 0]);
      const losses: number[] = [];
      for (let t = 0; t < 200; t++) {
        const { value: loss, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => free.loss(given, whole(training)))(
          parameters,
        );
        losses.push(value(loss));
        parameters = parameters.map((each, i) => each.sub(tf.mul(rate, grads[i] as tf.Tensor)));
      }
      return { losses, heldOut: value(free.evaluate(parameters, whole(evaluation))) };
    };
    const stable = descend(3);
    expect(stable.losses.every((loss, t) => t === 0 || loss <= (stable.losses[t - 1] as number) + 1e-6)).toBe(true);
    // Log-odds of deviation 2 leave a cross-entropy of 0.46 where guessing has 0.69.
    expect(stable.heldOut).toBeLessThan(0.5);
    const unstable = descend(40);
    expect(unstable.losses.some((loss, t) => t > 0 && loss > (unstable.losses[t - 1] as number))).toBe(true);
  });
});

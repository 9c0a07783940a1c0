import * as tf from "@tensorflow/tfjs-core";
import { noData } from "../quadratic/no-data.js";
import type { Task } from "../task.js";
import type { RosenbrockSpec } from "./spec.js";

const startSpread = 0.1;

/**
 * f(x) = Σᵢ₌₁ⁿ⁻¹ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)², the chained form, least at (1, …, 1), where it is 0. Trials start at N(s, 0.1²) around
 * the usual s = (−1.2, 1, −1.2, 1, …). From four dimensions on there is a second minimum near (−1, 1, …, 1).
 * Plain descent works at rates up to 0.002 for n = 2 and up to 0.001 for n = 10, where 0.0015 oscillates and 0.003 diverges (2,000 steps
 * from eight seeds).
 *
 * Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960, for n = 2; the chained form and the
 * start: Moré, Garbow & Hillstrom, "Testing unconstrained optimization software", 1981, problem 1; Shang & Qiu, "A note on the extended
 * Rosenbrock function", 2006.
 */
export function createRosenbrock({ dimension }: RosenbrockSpec): Task {
  const loss: Task["loss"] = ([x]) => {
    const first = tf.slice(x as tf.Tensor, [0, 0], [-1, dimension - 1]);
    const next = tf.slice(x as tf.Tensor, [0, 1], [-1, dimension - 1]);
    const fromValley = tf.square(tf.sub(next, tf.square(first)));
    return tf.sum(tf.add(tf.mul(100, fromValley), tf.square(tf.sub(1, first))), 1);
  };
  return {
    parameters: [{ name: "x", shape: [dimension] }],
    batchSize: 0,
    training: noData,
    evaluation: noData,
    init: (random) => [
      Float32Array.from(random.normals(0, dimension), (value, i) => (i % 2 === 0 ? -1.2 : 1) + startSpread * value),
    ],
    loss,
    evaluate: loss,
  };
}

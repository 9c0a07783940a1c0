import * as tf from "@tensorflow/tfjs-core";
import { noData } from "../quadratic/no-data.js";
import type { Task } from "../task.js";
import type { RastriginSpec } from "./spec.js";

const amplitude = 10;
/** The usual domain is [−5.12, 5.12]ⁿ. */
const halfWidth = 5.12;

/**
 * f(x) = A n + Σᵢ xᵢ² − A cos(2π xᵢ), A = 10: least at 0, where it is 0, with a local minimum near every other point of whole numbers.
 * Trials start uniformly in [−5.12, 5.12]ⁿ. The largest curvature is 2 + 40π²: plain descent settles in the minimum next to its start at
 * rates up to 0.005, jumps from one to the next above, and diverges from 1 on.
 *
 * Rastrigin, "Systems of extremal control", 1974, for n = 2; for any n: Mühlenbein, Schomisch & Born, "The parallel genetic algorithm as
 * function optimizer", 1991, function 6.
 */
export function createRastrigin({ dimension }: RastriginSpec): Task {
  const loss: Task["loss"] = ([x]) => {
    const waves = tf.cos(tf.mul(2 * Math.PI, x as tf.Tensor));
    return tf.sum(tf.add(tf.square(x as tf.Tensor), tf.mul(amplitude, tf.sub(1, waves))), 1);
  };
  return {
    parameters: [{ name: "x", shape: [dimension] }],
    batchSize: 0,
    training: noData,
    evaluation: noData,
    init: (random) => [Float32Array.from(random.uniforms(0, dimension), (value) => halfWidth * (2 * value - 1))],
    loss,
    evaluate: loss,
  };
}

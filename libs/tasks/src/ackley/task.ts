import * as tf from "@tensorflow/tfjs-core";
import { noData } from "../quadratic/no-data.js";
import type { Task } from "../task.js";
import type { AckleySpec } from "./spec.js";

const depth = 20;
const steepness = 0.2;
const halfWidth = 5;
/**
 * Added under the root, which has no derivative at 0: the gradient there is then 0, as symmetry asks, and f(0) is 4e-6 instead of 0,
 * two units in the last place of 20.
 */
const roundedTip = 1e-12;

/**
 * f(x) = 20 + e − 20 exp(−0.2 √(mean x²)) − exp(mean cos 2πx), least at 0, with a local minimum near every other point of whole numbers.
 * Trials start uniformly in [−5, 5]ⁿ: in the wider domain of [−32.768, 32.768]ⁿ descent stays between the first ripples.
 * Plain descent settles in the minimum next to its start at rates up to 0.01 n and jumps above; at its least point f is a cone, which a
 * constant rate circles at a distance. f is bounded, so that a trial with an absurd rate does not diverge but ends with a loss of about 20.
 *
 * Ackley, "A connectionist machine for genetic hillclimbing", 1987, for n = 2; for any n: Bäck & Schwefel, "An overview of evolutionary
 * algorithms for parameter optimization", 1993, function 9.
 */
export function createAckley({ dimension }: AckleySpec): Task {
  const loss: Task["loss"] = ([x]) => {
    const distance = tf.sqrt(tf.add(tf.mean(tf.square(x as tf.Tensor), 1), roundedTip));
    const waves = tf.mean(tf.cos(tf.mul(2 * Math.PI, x as tf.Tensor)), 1);
    return tf.sub(depth + Math.E, tf.add(tf.mul(depth, tf.exp(tf.mul(-steepness, distance))), tf.exp(waves)));
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

import { perParameter } from "@stride/optimizers";
import type { DataSet, Task } from "@stride/tasks";
import * as tf from "@tensorflow/tfjs";

/** f(x) = ½ Σ aᵢ xᵢ² with a = (1, 2, 4). */
const quadratic: Task = {
  parameters: [{ name: "x", shape: [3] }],
  batchSize: 0,
  training: { size: 0, arrays: [] },
  evaluation: { size: 0, arrays: [] },
  init: (random) => [Float32Array.from(random.normals(0, 3))],
  loss: ([x]) => tf.mul(0.5, tf.sum(tf.mul(tf.tensor1d([1, 2, 4]), tf.square(x as tf.Tensor)), 1)) as tf.Tensor,
  evaluate: (parameters, batch) => quadratic.loss(parameters, batch),
};

const rows = 24;

/** Repeatable values in [-1, 1), good enough for tests: the fractional parts of multiples of the golden ratio. */
export function values(count: number, offset = 0, scale = 1): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => scale * (2 * (((i + 1 + offset) * 0.6180339887) % 1) - 1));
}

function examples(offset: number, inputs: number, outputs: number): DataSet {
  return {
    size: rows,
    arrays: [
      { name: "x", shape: [inputs], values: values(rows * inputs, offset) },
      { name: "y", shape: [outputs], values: values(rows * outputs, offset + 1000) },
    ],
  };
}

function dense(widths: readonly number[]) {
  return widths.slice(1).flatMap((out, i) => [
    { name: `w${i}`, shape: [widths[i] as number, out] },
    { name: `b${i}`, shape: [1, out] },
  ]);
}

function forward(parameters: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor {
  const cohort = (parameters[0] as tf.Tensor).shape[0] as number;
  let hidden = x.shape[0] === cohort ? x : tf.tile(x, [cohort, ...x.shape.slice(1).map(() => 1)]);
  for (let i = 0; i < parameters.length; i += 2) {
    hidden = tf.add(tf.matMul(hidden, parameters[i] as tf.Tensor), parameters[i + 1] as tf.Tensor);
    if (i + 2 < parameters.length) hidden = tf.relu(hidden);
  }
  return hidden;
}

const initialise =
  (shapes: Task["parameters"]): Task["init"] =>
  (random) =>
    shapes.map(({ shape }, i) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return Float32Array.from(random.normals(i, size), (value) => value / Math.sqrt(shape[0] as number));
    });

/** Mean squared error of a small network. */
export function regressionTask(widths: readonly number[], batchSize: number): Task {
  const parameters = dense(widths);
  const ends = [widths[0] as number, widths.at(-1) as number] as const;
  const task: Task = {
    parameters,
    batchSize,
    training: examples(0, ...ends),
    evaluation: examples(5000, ...ends),
    init: initialise(parameters),
    loss: (given, { arrays }) =>
      tf.mean(tf.square(tf.sub(forward(given, arrays.x as tf.Tensor), arrays.y as tf.Tensor)), [1, 2]),
    evaluate: (given, batch) => task.loss(given, batch),
  };
  return task;
}

export const fixtureTasks = { quadratic, regression: regressionTask([5, 8, 8, 1], 6) };

const sgd = perParameter({
  slots: [],
  update: ({ parameter, gradient, learningRate }) => ({
    parameter: tf.sub(parameter, tf.mul(learningRate, gradient)),
    slots: [],
  }),
});

const adam = perParameter({
  slots: ["mean", "variance"],
  update: ({ parameter, gradient, slots: [m, v], learningRate, step }) => {
    const count = tf.add(step, 1);
    const mean = tf.add(tf.mul(0.9, m as tf.Tensor), tf.mul(0.1, gradient));
    const variance = tf.add(tf.mul(0.999, v as tf.Tensor), tf.mul(0.001, tf.square(gradient)));
    const first = tf.div(mean, tf.sub(1, tf.pow(0.9, count)));
    const second = tf.div(variance, tf.sub(1, tf.pow(0.999, count)));
    return {
      parameter: tf.sub(parameter, tf.mul(learningRate, tf.div(first, tf.add(tf.sqrt(second), 1e-8)))),
      slots: [mean, variance],
    };
  },
});

export const fixtureOptimizers = { sgd, adam };

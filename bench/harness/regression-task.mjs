import * as tf from "@tensorflow/tfjs";

const rows = 2000;

/**
 * Mean squared error of a fully connected ReLU network with biases on 2,000 random rows: the shapes of bench/peers. `widths` from
 * the inputs to the outputs.
 */
export function regressionTask({ widths, batchSize }) {
  const parameters = widths.slice(1).flatMap((out, layer) => [
    { name: `weights${layer}`, shape: [widths[layer], out] },
    { name: `bias${layer}`, shape: [1, out] },
  ]);
  const data = {
    size: rows,
    arrays: [
      { name: "x", shape: [widths[0]], values: uniform(rows * widths[0]) },
      { name: "y", shape: [widths.at(-1)], values: uniform(rows * widths.at(-1)) },
    ],
  };
  const loss = (given, { arrays }) => tf.mean(tf.square(tf.sub(outputs(given, arrays.x), arrays.y)), [1, 2]);
  return {
    parameters,
    batchSize,
    training: data,
    evaluation: data,
    init: () =>
      parameters.map(({ shape: [into, out] }, i) =>
        i % 2 === 1 ? new Float32Array(out) : uniform(into * out, 1.7 / Math.sqrt(into)),
      ),
    loss,
    evaluate: loss,
  };
}

function outputs(parameters, x) {
  let activations = x;
  for (let i = 0; i < parameters.length; i += 2) {
    if (i > 0) activations = tf.relu(activations);
    activations = tf.add(tf.matMul(activations, parameters[i]), parameters[i + 1]);
  }
  return activations;
}

function uniform(count, scale = 1) {
  return Float32Array.from({ length: count }, () => scale * (2 * Math.random() - 1));
}

/** Floating-point operations and bytes of one trial's step at the least, from the shapes alone; a multiply-add counts two. */
export function regressionCost({ widths, batchSize }) {
  const layers = widths.slice(1).map((out, i) => ({ into: widths[i], out }));
  const weights = layers.reduce((sum, { into, out }) => sum + into * out, 0);
  const units = layers.reduce((sum, { out }) => sum + out, 0);
  const first = widths[0] * widths[1];
  return {
    // One product forward and two backward a layer; none for the gradient of the inputs.
    products: 2 * batchSize * (3 * weights - first),
    // Bias, activation, its mask and the bias's gradient of each unit; the update.
    elementwise: 4 * batchSize * units + 2 * (weights + units),
    // Parameters are read forward and backward, and updated; the batch is read, activations are written and read twice.
    bytes: 4 * (4 * (weights + units) + batchSize * (widths[0] + 4 * units)),
  };
}

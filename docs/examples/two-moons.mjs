/**
 * Two interleaved half circles, to be told apart by a network with one hidden layer.
 * K trials train together: every parameter has them along its first axis, and so has each result.
 */
export default function twoMoons({ tf, random }, { width = 16, noise = 0.2, batch = 32 }) {
  const logits = ([w, b, v, c], { points }) => {
    const hidden = tf.relu(tf.add(tf.matMul(points, w), b)); // [K, B, width]
    return tf.add(tf.matMul(hidden, v), c); // [K, B, 1]
  };
  // −log σ(y z) for labels y = ±1, written so that it overflows nowhere.
  const loss = (parameters, { arrays }) =>
    tf.mean(tf.softplus(tf.neg(tf.mul(arrays.labels, logits(parameters, arrays)))), [1, 2]);

  return {
    parameters: [
      { name: "w", shape: [2, width] },
      { name: "b", shape: [1, width] },
      { name: "v", shape: [width, 1] },
      { name: "c", shape: [1, 1] },
    ],
    batchSize: batch,
    training: moons(random("training"), { size: 512, noise }),
    evaluation: moons(random("evaluation"), { size: 256, noise }),
    // He et al., 2015: normal with variance 2 / inputs.
    init: (stream) => [
      Float32Array.from(stream.normals(0, 2 * width)),
      new Float32Array(width),
      Float32Array.from(stream.normals(1, width), (x) => x * Math.sqrt(2 / width)),
      new Float32Array(1),
    ],
    loss,
    evaluate: loss,
  };
}

/** Points `[size, 2]` and labels `[size, 1]`: data of the problem, the same in every trial. */
function moons(stream, { size, noise }) {
  const angles = stream.uniforms(0, size);
  const jitter = stream.normals(1, 2 * size);
  const points = new Float32Array(2 * size);
  const labels = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const upper = i % 2 === 0;
    const angle = Math.PI * angles[i];
    points[2 * i] = (upper ? Math.cos(angle) : 1 - Math.cos(angle)) + noise * jitter[2 * i];
    points[2 * i + 1] = (upper ? Math.sin(angle) : 0.5 - Math.sin(angle)) + noise * jitter[2 * i + 1];
    labels[i] = upper ? 1 : -1;
  }
  return {
    size,
    arrays: [
      { name: "points", shape: [2], values: points },
      { name: "labels", shape: [1], values: labels },
    ],
  };
}

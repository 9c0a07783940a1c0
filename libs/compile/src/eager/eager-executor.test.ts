import { expect, it } from "vitest";
import { fixtureOptimizers, fixtureTasks } from "../../test/fixtures.js";
import { tf } from "../tensorflow.js";
import { eagerExecutor } from "./eager-executor.js";

it.each(["tfjs-cpu", "tfjs-wasm"] as const)("%s follows plain gradient descent by hand", async (name) => {
  await using executor = await eagerExecutor(name);
  const task = fixtureTasks.quadratic;
  await using program = await executor.program({
    task,
    optimizer: fixtureOptimizers.sgd,
    cohortSize: 2,
    sharedBatches: true,
  });
  program.load([[Float32Array.of(1, 1, 1)], [Float32Array.of(2, 0, 0)]]);
  const { losses } = await program.run({
    steps: 2,
    firstStep: 0,
    indices: new Int32Array(),
    learningRates: Float32Array.of(0.5, 0.25, 0.5, 0.25),
  });
  // f(x) = ½ Σ aᵢ xᵢ², a = (1, 2, 4): x ← x − η a x.
  expect([...losses]).toEqual([3.5, 2, 2.125, 1.125]);
  expect((await program.parameters()).map(([x]) => [...(x as Float32Array)])).toEqual([
    [0.25, 0, 1],
    [1.125, 0, 0],
  ]);
});

it("leaves no tensor behind and puts the former backend back", async () => {
  const before = { tensors: tf.memory().numTensors, backend: tf.engine().backendName };
  {
    await using executor = await eagerExecutor("tfjs-cpu");
    await using program = await executor.program({
      task: fixtureTasks.regression,
      optimizer: fixtureOptimizers.adam,
      cohortSize: 1,
      sharedBatches: true,
    });
    const task = fixtureTasks.regression;
    program.load([task.parameters.map(({ shape }) => new Float32Array(shape.reduce((a, b) => a * b, 1)))]);
    const indices = Int32Array.from({ length: 2 * task.batchSize }, (_, i) => i % task.training.size);
    await program.run({ steps: 2, firstStep: 0, indices, learningRates: Float32Array.of(0.1, 0.1) });
    await program.evaluate();
    await program.gradients(indices.slice(0, task.batchSize));
  }
  expect({ tensors: tf.memory().numTensors, backend: tf.engine().backendName }).toEqual(before);
});

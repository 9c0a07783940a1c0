import { type Optimizer, perParameter } from "@stride/optimizers";
import type { Task } from "@stride/tasks";
import { describe, expect, it } from "vitest";
import { fixtureOptimizers, fixtureTasks } from "../test/fixtures.js";
import { createExecutor } from "./index.js";
import { tf } from "./tensorflow.js";

const { quadratic } = fixtureTasks;
const { sgd } = fixtureOptimizers;
const none = { indices: new Int32Array(), learningRates: Float32Array.of(0.5, 0.5) };

describe.each(["onnx-cpu", "tfjs-cpu"] as const)("a step on %s", (name) => {
  async function run({ task = quadratic, optimizer = sgd }: { task?: Task; optimizer?: Optimizer }) {
    await using executor = await createExecutor(name);
    await using program = await executor.program({ task, optimizer, cohortSize: 2, sharedBatches: true });
    program.load([[Float32Array.of(1, 1, 1)], [Float32Array.of(2, 0, 0)]]);
    const { losses } = await program.run({ steps: 1, firstStep: 0, ...none });
    return { losses: [...losses], evaluated: [...(await program.evaluate())], parameters: await program.parameters() };
  }

  it("counts updates from the segment's first step", async () => {
    await using executor = await createExecutor(name);
    const countUp = perParameter({
      slots: [],
      update: ({ parameter, step }) => ({ parameter: tf.add(parameter, step), slots: [] }),
    });
    await using program = await executor.program({
      task: quadratic,
      optimizer: countUp,
      cohortSize: 1,
      sharedBatches: true,
    });
    program.load([[Float32Array.of(0, 1, 2)]]);
    await program.run({ steps: 3, firstStep: 10, ...none, learningRates: new Float32Array(3) });
    expect(await program.parameters()).toEqual([[Float32Array.of(33, 34, 35)]]);
  });

  it("projects what it has updated", async () => {
    const task: Task = { ...quadratic, project: (parameters) => parameters.map((parameter) => tf.relu(parameter)) };
    // x − ½ (1, 2, 4) x = (½, 0, −1), projected onto ≥ 0.
    expect((await run({ task })).parameters[0]).toEqual([Float32Array.of(0.5, 0, 0)]);
  });

  it.each<[string, Task]>([
    ["the sum of the trials' losses", { ...quadratic, loss: (...given) => tf.sum(quadratic.loss(...given)) }],
    ["a column of losses", { ...quadratic, loss: (...given) => tf.expandDims(quadratic.loss(...given), 1) }],
    ["the sum of held-out losses", { ...quadratic, evaluate: (...given) => tf.sum(quadratic.evaluate(...given)) }],
  ])("refuses %s", async (_, task) => {
    await expect(run({ task })).rejects.toThrow(/must give one number a trial, \[2\], and gave \[(2,1)?\]/);
  });

  it.each<[string, Optimizer]>([
    [
      "a parameter of another shape",
      perParameter({ slots: [], update: ({ parameter }) => ({ parameter: tf.sum(parameter), slots: [] }) }),
    ],
    ["a slot too few", perParameter({ slots: ["velocity"], update: ({ parameter }) => ({ parameter, slots: [] }) })],
  ])("refuses an optimizer that leaves %s", async (_, optimizer) => {
    await expect(run({ optimizer })).rejects.toThrow(/an update must leave (slot velocity of )?parameter x as \[2,3\]/);
  });
});

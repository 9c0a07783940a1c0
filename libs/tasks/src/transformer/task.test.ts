import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createTask } from "../create-task.js";
import { taskCost, taskSpecSchema } from "../spec.js";
import type { Task } from "../task.js";

const small = { kind: "transformer", data: "moby-dick", width: 8, heads: 2, blocks: 1, context: 6 };
const create = (options: object) =>
  createTask(taskSpecSchema.parse({ ...small, batch: 4, trainingSize: 20, evaluationSize: 8, ...options }));

const parametersOf = (task: Task) => {
  const start = task.init(randomStream({ seed: 0, purpose: "initial-weights" }));
  return task.parameters.map(({ shape }, i) => tf.tensor(start[i] as Float32Array, [1, ...shape]));
};
const batchOf = (task: Task, count: number, data = task.training) => ({
  arrays: Object.fromEntries(
    data.arrays.map(({ name, shape: [length = 0], values }) => [
      name,
      tf.tensor(values.subarray(0, count * length), [1, count, length], "int32"),
    ]),
  ) as Record<string, tf.Tensor>,
});
const number = (tensor: tf.Tensor) => tensor.dataSync()[0] as number;

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it("starts at about log 89 nats a character, every character being as likely", async () => {
  const task = await create({});
  expect(number(task.loss(parametersOf(task), batchOf(task, 4)))).toBeCloseTo(Math.log(89), 1);
});

it("starts what writes to the residual stream smaller, by 1 / √(2 · blocks)", async () => {
  const task = await create({ width: 64, heads: 4, blocks: 8, context: 64 });
  const start = task.init(randomStream({ seed: 0, purpose: "initial-weights" }));
  const deviation = (name: string) => {
    const values = start[task.parameters.findIndex((parameter) => parameter.name === name)] as Float32Array;
    return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  };
  for (const name of ["characters", "positions", "queriesKeysValues3", "hidden7", "head"]) {
    expect(deviation(name) / 0.02).toBeCloseTo(1, 1);
  }
  for (const name of ["attentionOutput0", "networkOutput7"]) expect(deviation(name) / 0.005).toBeCloseTo(1, 1);
  for (const name of ["attentionGain2", "networkGain0", "lastGain"]) expect(deviation(name)).toBe(1);
});

it("judges many held-out windows as it judges them all at once", async () => {
  const task = await create({ evaluationSize: 150 });
  const parameters = parametersOf(task);
  const heldOut = batchOf(task, 150, task.evaluation);
  expect(number(task.evaluate(parameters, heldOut))).toBeCloseTo(number(task.loss(parameters, heldOut)), 5);
});

it("draws nothing without dropout", async () => {
  expect((await create({})).draws).toBeUndefined();
});

it("drops the drawn share of the embedding and of each addition, and scales the rest", async () => {
  const [task, plain] = [await create({ dropout: 0.25 }), await create({})];
  const parameters = parametersOf(task);
  const batch = batchOf(task, 4);
  expect(task.draws?.map(({ name, shape }) => [name, shape])).toEqual(
    [0, 1, 2].map((place) => [`dropout${place}`, [24, 8]]),
  );
  const lossAt = (value: number) => {
    const draws = (task.draws ?? []).map(({ name, shape }) => [name, tf.fill([1, ...shape], value)] as const);
    return number(task.loss(parameters, { arrays: { ...batch.arrays, ...Object.fromEntries(draws) } }));
  };
  // All dropped: the head sees zeros, and gives each character the same chance. All kept: norms undo the common factor 4/3.
  expect(lossAt(0.2)).toBeCloseTo(Math.log(89), 5);
  expect(lossAt(0.25)).toBeCloseTo(number(plain.loss(parameters, batch)), 3);
  expect(lossAt(0.25)).not.toBe(lossAt(0.2));
  expect(number(task.evaluate(parameters, batchOf(task, 8, task.evaluation)))).toBe(
    number(plain.evaluate(parameters, batchOf(task, 8, task.evaluation))),
  );
});

it("costs three forward passes, the products of which are most of it", () => {
  const { parameters, flopsPerStep, evaluationFlops } = taskCost(
    taskSpecSchema.parse({ kind: "transformer", data: "moby-dick" }),
  );
  expect(parameters).toBe(2 * 12 * 64 * 64 + 4 * 64 + (2 * 89 + 64 + 1) * 64);
  const perCharacter = 2 * (2 * 12 * 64 * 64 + 2 * 2 * 64 * 64 + 64 * 89);
  const products = 3 * 16 * 64 * perCharacter;
  expect(flopsPerStep / products).toBeGreaterThan(1);
  expect(flopsPerStep / products).toBeLessThan(1.05);
  expect(evaluationFlops / (256 * 64 * perCharacter)).toBeCloseTo(1, 1);
});

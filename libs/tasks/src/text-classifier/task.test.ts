import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, it } from "vitest";
import { createTask } from "../create-task.js";
import { spamAssassin } from "../spam-assassin/spam-assassin.js";
import { vocabulary, wordsOf } from "../spam-assassin/word-counts.js";
import { taskCost, taskSpecSchema } from "../spec.js";
import type { DataSet, Task } from "../task.js";
import { labelledMessages } from "./labelled-messages.js";

const specOf = (options: object) =>
  taskSpecSchema.parse({
    kind: "text-classifier",
    data: "spam-assassin",
    words: 300,
    embedding: 4,
    hidden: [],
    batch: 32,
    trainingSize: 320,
    evaluationSize: 60,
    ...options,
  });

const arrayOf = ({ arrays }: DataSet, name: string) => arrays.find((one) => one.name === name)?.values as Float32Array;
const wholeBatch = ({ arrays, size }: DataSet) => ({
  arrays: Object.fromEntries(
    arrays.map(({ name, shape, values }) => [name, tf.tensor(values, [1, size, ...shape])] as const),
  ),
});
const parametersOf = (task: Task) => {
  const start = task.init(randomStream({ seed: 1, purpose: "initial-weights" }));
  return task.parameters.map(({ shape }, i) => tf.tensor(start[i] as Float32Array, [1, ...shape]));
};

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

it("sees the shares of a message's first known words", async () => {
  const [message] = await spamAssassin({ split: "training", count: 1 });
  const known = await vocabulary(100);
  const firstKnown = wordsOf(message?.text as string)
    .filter((word) => known.includes(word))
    .slice(0, 10);
  const shares = arrayOf(await labelledMessages({ split: "training", count: 1, words: 100, length: 10 }), "shares");
  known.forEach((word, i) => {
    expect(shares[i]).toBeCloseTo(firstKnown.filter((other) => other === word).length / 10, 6);
  });
});

it("labels ham 0 and spam 1", async () => {
  const messages = await spamAssassin({ split: "test", count: 60 });
  const labels = arrayOf(await labelledMessages({ split: "test", count: 60, words: 9, length: 9 }), "labels");
  messages.forEach(({ label }, i) => {
    expect([...labels.subarray(2 * i, 2 * i + 2)]).toEqual(label === "ham" ? [1, 0] : [0, 1]);
  });
});

it("classifies by the mean of looked-up rows", async () => {
  const task = await createTask(specOf({ words: 50, batch: 1, trainingSize: 1, length: 20 }));
  const [table, weights, bias] = parametersOf(task) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const [message] = await spamAssassin({ split: "training", count: 1 });
  const known = await vocabulary(50);
  const rows = wordsOf(message?.text as string)
    .map((word) => known.indexOf(word))
    .filter((row) => row >= 0)
    .slice(0, 20);
  const mean = tf.mean(tf.gather(tf.squeeze(table, [0]), tf.tensor1d(rows, "int32")), 0, true);
  const logits = tf.add(tf.matMul(mean, tf.squeeze(weights, [0])), tf.squeeze(bias, [0]));
  const expected = tf.neg(tf.logSoftmax(logits)).dataSync()[0] as number;
  expect(message?.label).toBe("ham");
  expect(task.loss([table, weights, bias], wholeBatch(task.training)).dataSync()[0]).toBeCloseTo(expected, 5);
});

it("learns to tell most held-out messages apart", async () => {
  const task = await createTask(specOf({ hidden: [8] }));
  const batch = wholeBatch(task.training);
  let parameters: readonly tf.Tensor[] = parametersOf(task);
  for (let step = 0; step < 200; step++) {
    const gradients = tf.grads((...given: tf.Tensor[]) => task.loss(given, batch))([...parameters]);
    parameters = parameters.map((parameter, i) => tf.sub(parameter, tf.mul(2, gradients[i] as tf.Tensor)));
  }
  // 0.62 is what the share of spam alone gives.
  expect(task.evaluate(parameters, wholeBatch(task.evaluation)).dataSync()[0]).toBeLessThan(0.45);
});

it("costs two products with the table and three with each layer", () => {
  const { parameters, flopsPerStep } = taskCost(specOf({ embedding: 16, hidden: [8] }));
  expect(parameters).toBe(300 * 16 + 16 * 8 + 8 + 8 * 2 + 2);
  const products = 2 * 32 * (2 * 300 * 16 + 3 * (16 * 8 + 8 * 2));
  expect(flopsPerStep / products).toBeGreaterThan(1);
  expect(flopsPerStep / products).toBeLessThan(1.05);
});

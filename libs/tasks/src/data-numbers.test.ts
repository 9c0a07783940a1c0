import { expect, it } from "vitest";
import { createTask } from "./create-task.js";
import { taskDataNumbers, taskSpecSchema } from "./spec.js";
import type { DataSet } from "./task.js";

const numbers = ({ arrays }: DataSet) => arrays.reduce((sum, { values }) => sum + values.length, 0);
const few = { trainingSize: 30, evaluationSize: 20, batch: 8 };

it.each([
  { kind: "quadratic" },
  { kind: "rosenbrock" },
  { kind: "rastrigin" },
  { kind: "ackley" },
  { kind: "logistic", data: "synthetic", dimension: 7, ...few },
  { kind: "logistic", data: "mnist", ...few },
  { kind: "mlp", data: "mnist", hidden: [4], ...few },
  { kind: "cnn", data: "mnist", channels: [2], ...few },
  { kind: "autoencoder", data: "mnist", ...few },
  { kind: "text-classifier", data: "spam-assassin", words: 50, ...few },
  { kind: "transformer", data: "moby-dick", context: 9, ...few },
  { kind: "nmf", data: "synthetic", rows: 30, evaluationRows: 20, columns: 11, batch: 8, rank: 2, trueRank: 2 },
  { kind: "nmf", data: "mnist", rows: 30, evaluationRows: 20, batch: 8, rank: 2 },
  { kind: "nmf", data: "photographs", rows: 30, evaluationRows: 20, batch: 8, rank: 2, side: 4 },
  { kind: "nmf", data: "word-counts", rows: 30, evaluationRows: 20, batch: 8, rank: 2, words: 40 },
])("are those of the built task: $kind $data", async (given) => {
  const spec = taskSpecSchema.parse(given);
  const { training, evaluation } = await createTask(spec);
  expect(taskDataNumbers(spec)).toBe(numbers(training) + numbers(evaluation));
});

import { randomStream } from "@stride/random";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createTask } from "./create-task.js";
import { type TaskSpec, taskLabel, taskSpecSchema, taskTraits } from "./spec.js";
import type { Batch, DataArray, DataSet, Task } from "./task.js";

const cases = [
  { kind: "quadratic", dimension: 4 },
  { kind: "rosenbrock", dimension: 3 },
  { kind: "rastrigin", dimension: 4 },
  { kind: "ackley", dimension: 4 },
  { kind: "nmf", data: "synthetic", rank: 3, batch: 4, rows: 12, evaluationRows: 5, columns: 7 },
  { kind: "nmf", data: "photographs", side: 6, rank: 3, batch: 4, rows: 30, evaluationRows: 8 },
  { kind: "nmf", data: "word-counts", words: 40, rank: 3, batch: 4, rows: 30, evaluationRows: 8 },
  { kind: "nmf", data: "mnist", rank: 3, batch: 4, rows: 30, evaluationRows: 5 },
  { kind: "mlp", data: "mnist", hidden: [6, 5], batch: 4, trainingSize: 30, evaluationSize: 20 },
  { kind: "mlp", data: "mnist", hidden: [], batch: 4, trainingSize: 30, evaluationSize: 20 },
  { kind: "mlp", data: "fashion-mnist", hidden: [8], batch: 4, trainingSize: 30, evaluationSize: 20 },
  { kind: "cnn", data: "mnist", channels: [2, 3], batch: 3, trainingSize: 30, evaluationSize: 10 },
  {
    kind: "cnn",
    data: "fashion-mnist",
    channels: [4, 4],
    groups: 2,
    pooling: "average",
    normalisation: "batch",
    batch: 3,
    trainingSize: 30,
    evaluationSize: 10,
  },
  {
    kind: "cnn",
    data: "mnist",
    channels: [8, 8, 8],
    kernel: 5,
    pooling: "none",
    normalisation: "group",
    batch: 3,
    trainingSize: 30,
    evaluationSize: 10,
  },
  { kind: "logistic", data: "synthetic", dimension: 6, batch: 4, trainingSize: 30, evaluationSize: 20 },
  { kind: "logistic", data: "mnist", penalty: 0.1, batch: 4, trainingSize: 30, evaluationSize: 20 },
  { kind: "logistic", data: "fashion-mnist", penalty: 0, batch: 4, trainingSize: 30, evaluationSize: 20 },
  { kind: "autoencoder", data: "mnist", hidden: [6], batch: 4, trainingSize: 30, evaluationSize: 20 },
  { kind: "autoencoder", data: "fashion-mnist", hidden: [6, 3, 6], batch: 4, trainingSize: 30, evaluationSize: 20 },
  {
    kind: "text-classifier",
    data: "spam-assassin",
    words: 20,
    embedding: 3,
    hidden: [4],
    batch: 4,
    trainingSize: 30,
    evaluationSize: 10,
  },
  {
    kind: "text-classifier",
    data: "spam-assassin",
    words: 20,
    embedding: 3,
    hidden: [],
    batch: 4,
    trainingSize: 30,
    evaluationSize: 10,
  },
  {
    kind: "transformer",
    data: "moby-dick",
    width: 6,
    heads: 2,
    blocks: 2,
    context: 5,
    batch: 3,
    trainingSize: 30,
    evaluationSize: 4,
  },
].map((given) => {
  const spec = taskSpecSchema.parse(given);
  return { label: taskLabel(spec), spec };
});

/** Rates at which a task of large curvature falls; the others fall at 0.02. */
const smallRates: Partial<Record<TaskSpec["kind"], number>> = { rosenbrock: 2e-4, rastrigin: 2e-3 };

const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
const initial = (task: Task, seed: number) => task.init(randomStream({ seed, purpose: "initial-weights" }));

function parametersOf(task: Task, seeds: readonly number[]): tf.Tensor[] {
  const starts = seeds.map((seed) => initial(task, seed));
  return task.parameters.map(({ shape }, i) =>
    tf.stack(starts.map((start) => tf.tensor(start[i] as Float32Array, [...shape]))),
  );
}

function batchOf({ size, arrays }: DataSet, rows: number[][]): Batch {
  if (size === 0) return { arrays: {} };
  const indices = tf.tensor2d(rows, undefined, "int32");
  const gathered = arrays.map(
    ({ name, shape, values }) => [name, tf.gather(tf.tensor(values, [size, ...shape]), indices)] as const,
  );
  return { indices, arrays: Object.fromEntries(gathered) };
}

const trainingBatch = (task: Task, groups = 1) =>
  batchOf(
    task.training,
    Array.from({ length: groups }, (_, g) =>
      Array.from({ length: task.batchSize }, (__, i) => (5 * i + g) % task.training.size),
    ),
  );
const heldOut = (task: Task) => batchOf(task.evaluation, [Array.from({ length: task.evaluation.size }, (_, i) => i)]);
const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

// What every task promises (task.ts): a new one adds its spec to `cases`.
describe.each(cases)("$label", ({ spec }) => {
  it("fits its own shapes, and its data theirs", async () => {
    const task = await createTask(spec);
    expect(initial(task, 1).map((values) => values.length)).toEqual(task.parameters.map(({ shape }) => sizeOf(shape)));
    for (const { size, arrays } of [task.training, task.evaluation]) {
      for (const { shape, values } of arrays) expect(values.length).toBe(size * sizeOf(shape));
    }
    expect(task.batchSize).toBeLessThanOrEqual(task.training.size);
  });

  it("says which of its arrays noise may act on, whether it projects, and whether it has a stability bound", async () => {
    const { training, perturbable: { labels, inputs } = {}, project, stabilityBound } = await createTask(spec);
    const array = (name?: string) => training.arrays.find((each) => each.name === name);
    if (labels !== undefined) {
      const { shape, values } = array(labels.array) as DataArray;
      if (values instanceof Float32Array) expect(shape.at(-1)).toBe(labels.classes);
      else expect(values.every((label) => label >= 0 && label < labels.classes)).toBe(true);
    }
    if (inputs !== undefined) expect(array(inputs)?.values).toBeInstanceOf(Float32Array);
    expect({
      ...{ labels: labels !== undefined, inputs: inputs !== undefined, constrained: project !== undefined },
      stabilityBound: stabilityBound !== undefined,
    }).toEqual(taskTraits(spec));
  });

  it("starts where the seed says", async () => {
    const task = await createTask(spec);
    expect(initial(task, 1)).toEqual(initial(task, 1));
    expect(initial(task, 1)).not.toEqual(initial(task, 2));
  });

  it("gives one finite loss and one finite evaluation a trial, and equal ones to equal trials", async () => {
    const task = await createTask(spec);
    const parameters = parametersOf(task, [1, 2, 1]);
    for (const losses of [task.loss(parameters, trainingBatch(task)), task.evaluate(parameters, heldOut(task))]) {
      expect(losses.shape).toEqual([3]);
      const [first, second, third] = numbers(losses) as [number, number, number];
      expect(first).toBe(third);
      expect(first).not.toBe(second);
      expect(Math.abs(first) + Math.abs(second)).toBeLessThan(Number.MAX_VALUE);
    }
  });

  it("keeps the trials of a cohort apart", async () => {
    const task = await createTask(spec);
    const gradients = (seeds: readonly number[]) =>
      tf
        .grads((...given: tf.Tensor[]) => task.loss(given, trainingBatch(task)))(parametersOf(task, seeds))
        .map((gradient) => gradient.unstack().map(numbers));
    const together = gradients([1, 2]);
    const alone = [gradients([1]), gradients([2])];
    together.forEach((slices, i) => {
      slices.forEach((slice, k) => {
        const expected = alone[k]?.[i]?.[0] as number[];
        slice.forEach((value, j) => {
          expect(value).toBeCloseTo(expected[j] as number, 5);
        });
      });
    });
  });

  it("is the same with one batch for all as with the same batch for each", async () => {
    const task = await createTask(spec);
    if (task.training.size === 0) return expect(task.training.arrays).toEqual([]);
    const parameters = parametersOf(task, [1, 2]);
    const each = { ...trainingBatch(task, 1) };
    const repeated: Batch = {
      indices: tf.tile(each.indices as tf.Tensor, [2, 1]),
      arrays: Object.fromEntries(
        Object.entries(each.arrays).map(([name, array]) => [name, tf.concat([array, array])] as const),
      ),
    };
    const shared = numbers(task.loss(parameters, each));
    numbers(task.loss(parameters, repeated)).forEach((loss, k) => {
      expect(loss).toBeCloseTo(shared[k] as number, 5);
    });
  });

  it("has the gradient that finite differences see", async () => {
    const task = await createTask(spec);
    const batch = trainingBatch(task);
    const parameters = parametersOf(task, [3]);
    const loss = (given: readonly tf.Tensor[]) => numbers(task.loss(given, batch))[0] as number;
    const gradients = tf.grads((...given: tf.Tensor[]) => task.loss(given, batch))(parameters);
    // Along the gradient the derivative is its squared length: a direction that float32 resolves.
    const squared = numbers(tf.addN(gradients.map((g) => tf.sum(tf.square(g)))))[0] as number;
    const h = 2e-3 / Math.sqrt(squared);
    const moved = (by: number) => loss(parameters.map((p, i) => p.add(tf.mul(by, gradients[i] as tf.Tensor))));
    expect((moved(h) - moved(-h)) / (2 * h) / squared).toBeCloseTo(1, 1);
  });

  it("falls under a few small steps along the gradient", async () => {
    const task = await createTask(spec);
    const batch = trainingBatch(task);
    let parameters: readonly tf.Tensor[] = parametersOf(task, [1]);
    const rate = smallRates[spec.kind] ?? 0.02;
    const before = numbers(task.loss(parameters, batch))[0] as number;
    for (let t = 0; t < 5; t++) {
      const gradients = tf.grads((...given: tf.Tensor[]) => task.loss(given, batch))([...parameters]);
      const stepped = parameters.map((p, i) => p.sub(tf.mul(rate, gradients[i] as tf.Tensor)));
      parameters = task.project?.(stepped) ?? stepped;
    }
    expect(numbers(task.loss(parameters, batch))[0]).toBeLessThan(before);
  });
});

it("shares one data set among the tasks that use the same images", async () => {
  const mlp = (hidden: number[]) =>
    createTask(
      taskSpecSchema.parse({ kind: "mlp", data: "mnist", hidden, batch: 4, trainingSize: 30, evaluationSize: 20 }),
    );
  const [a, b] = [await mlp([3]), await mlp([4])];
  expect(a.training).toBe(b.training);
  expect(a.evaluation).toBe(b.evaluation);
});

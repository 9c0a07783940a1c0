import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Batch } from "../task.js";
import fixture from "./fixtures/pytorch.json" with { type: "json" };
import { cnnDefinition } from "./spec.js";
import { createCnn } from "./task.js";

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

const batchSize = 3;
const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
const specOf = (given: object) =>
  cnnDefinition.schema.parse({
    kind: "cnn",
    data: "mnist",
    batch: batchSize,
    trainingSize: 6,
    evaluationSize: 4,
    ...given,
  });

/** The fractional parts of multiples of the golden ratio, in [-1, 1): as in fixtures/make.py. */
function numbers(count: number, offset: number): number[] {
  return Array.from({ length: count }, (_, i) => 2 * (((i + 1 + offset) * 0.6180339887) % 1) - 1);
}

const uniform = (shape: readonly number[], offset: number) =>
  tf.tensor(
    numbers(sizeOf(shape), offset).map((x) => (x + 1) / 2),
    [...shape],
  );

/** Pixels, labels and what is drawn for the dropout, G = 1. */
function batchOf(units: number): Batch {
  const labels = tf.oneHot(tf.tensor2d([[3, 0, 7]], [1, batchSize], "int32"), 10).toFloat();
  const dropout = uniform([1, batchSize, units], 9000);
  return { arrays: { pixels: uniform([1, batchSize, 784], 77), labels, dropout } };
}

/** Parameters of two trials: those of the fixture, and others. */
async function materials(given: object) {
  const task = await createCnn(specOf(given));
  const parameters = task.parameters.map(({ shape }, i) => {
    const scale = 1 / Math.sqrt(shape[0] as number);
    const trial = (offset: number) => numbers(sizeOf(shape), offset).map((x) => scale * x);
    return tf.tensor([...trial(1000 * i), ...trial(1000 * i + 500)], [2, ...shape]);
  });
  return { task, parameters, batch: batchOf(task.parameters.at(-2)?.shape[0] as number) };
}

describe.each(fixture.cases)("a network with $spec", ({ spec, loss, gradients }) => {
  it("has PyTorch's loss and gradients, beside another trial", async () => {
    const { task, parameters, batch } = await materials(spec);
    const value = task.loss(parameters, batch);
    expect(value.arraySync()).toEqual([expect.closeTo(loss, 4), expect.any(Number)]);
    const found = tf.grads((...of: tf.Tensor[]) => task.loss(of, batch))(parameters);
    found.forEach((gradient, i) => {
      const { length, along } = gradients[i] as { length: number; along: number };
      const own = [...(gradient.unstack()[0] as tf.Tensor).dataSync()];
      const direction = numbers(own.length, 31 + i);
      expect(Math.hypot(...own) / length).toBeCloseTo(1, 3);
      expect(Math.abs(own.reduce((sum, g, j) => sum + g * (direction[j] as number), 0) - along)).toBeLessThan(
        1e-3 * length,
      );
    });
  });
});

it("declares what its dropout draws, and draws nothing without", async () => {
  const [with_, without] = [await createCnn(specOf({ dropout: 0.5 })), await createCnn(specOf({}))];
  expect(with_.draws).toEqual([{ name: "dropout", shape: [batchSize, 32 * 7 * 7], distribution: "uniform" }]);
  expect(without.draws).toBeUndefined();
});

it("evaluates without dropout", async () => {
  const [dropping, whole] = [await materials({ dropout: 0.5 }), await materials({})];
  const { dropout: _, ...heldOut } = whole.batch.arrays;
  const expected = whole.task.loss(whole.parameters, whole.batch).arraySync() as number[];
  const evaluated = dropping.task.evaluate(dropping.parameters, { arrays: heldOut }).arraySync();
  expect(evaluated).toEqual(expected.map((loss) => expect.closeTo(loss, 5)));
  expect(dropping.task.loss(dropping.parameters, dropping.batch).arraySync()).not.toEqual(evaluated);
});

it("hides no number that is not finite", async () => {
  const { task, parameters, batch } = await materials({ channels: [2, 2] });
  const broken = parameters.map((parameter, i) =>
    i === 0 ? tf.mul(parameter, tf.tensor3d([1, Number.NaN], [2, 1, 1])) : parameter,
  );
  for (const losses of [task.loss(broken, batch), task.evaluate(broken, batch)]) {
    const [healthy, ill] = losses.arraySync() as [number, number];
    expect(Number.isFinite(healthy)).toBe(true);
    expect(ill).toBeNaN();
  }
});

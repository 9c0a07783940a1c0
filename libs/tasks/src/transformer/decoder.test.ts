import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { softmaxCrossEntropy } from "../mlp/cross-entropy.js";
import { taskSpecSchema } from "../spec.js";
import { decoderLogits, decoderParameters } from "./decoder.js";
import { type TransformerSpec, transformerCharacters } from "./spec.js";

interface Case {
  readonly activation: "relu" | "gelu";
  readonly loss: number;
  readonly gradients: Readonly<
    Record<string, { readonly norm: number; readonly sum: number; readonly first: readonly number[] }>
  >;
}

const fixture = JSON.parse(readFileSync(new URL("../../fixtures/decoder.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

const specOf = (activation: string) =>
  taskSpecSchema.parse({
    kind: "transformer",
    data: "moby-dick",
    width: 8,
    heads: 2,
    context: 5,
    batch: 3,
    activation,
  }) as TransformerSpec;
const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** The parameters of the fixture's script. */
function parametersOf(spec: TransformerSpec, cohort = 1): tf.Tensor[] {
  return decoderParameters(spec).map(({ name, shape }, place) => {
    const values = Array.from(
      { length: sizeOf(shape) },
      (_, i) => (((i + 1 + 1000 * place) * 0.6180339887) % 1) * 2 - 1 + (name.includes("Gain") ? 1 : 0),
    );
    return tf.tile(tf.tensor(values, [1, ...shape]), [cohort, ...shape.map(() => 1)]);
  });
}

/** Windows `[1, 3, 5]` of the script's text, and what follows each character. */
function text() {
  const rows = tf.tensor2d(
    Array.from({ length: 18 }, (_, i) => (i * 7) % transformerCharacters),
    [3, 6],
    "int32",
  );
  return { windows: rows.slice([0, 0], [3, 5]).expandDims(0), next: rows.slice([0, 1], [3, 5]).reshape([1, 15]) };
}

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

describe.each(fixture.cases)("a decoder with $activation", ({ activation, loss, gradients }) => {
  const spec = specOf(activation);

  it("has PyTorch's loss and gradients", () => {
    const { windows, next } = text();
    const labels = tf.oneHot(next, transformerCharacters).toFloat();
    const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) =>
      softmaxCrossEntropy(decoderLogits(given, windows, { spec }), labels).sum(),
    )(parametersOf(spec));
    expect(value.dataSync()[0]).toBeCloseTo(loss, 5);
    decoderParameters(spec).forEach(({ name }, i) => {
      const gradient = grads[i] as tf.Tensor;
      const { norm, sum, first } = gradients[name] as Case["gradients"][string];
      expect(tf.norm(gradient).dataSync()[0] as number).toBeCloseTo(norm, 5);
      expect(gradient.sum().dataSync()[0] as number).toBeCloseTo(sum, 5);
      first.forEach((expected, j) => {
        expect(gradient.flatten().dataSync()[j] as number).toBeCloseTo(expected, 5);
      });
    });
  });

  it("sees nothing of what comes later", () => {
    const { windows } = text();
    const logits = (given: tf.Tensor) =>
      decoderLogits(parametersOf(spec), given, { spec }).reshape([3, 5, transformerCharacters]);
    const changed = windows
      .reshape([3, 5])
      .add(tf.tensor1d([0, 0, 0, 1, 0], "int32"))
      .toInt()
      .expandDims(0);
    const difference = logits(windows).sub(logits(changed)).abs().max([0, 2]).arraySync() as number[];
    expect(difference.slice(0, 3)).toEqual([0, 0, 0]);
    expect(Math.min(...difference.slice(3))).toBeGreaterThan(1e-3);
  });
});

it("gives each trial its own windows, or all the same", () => {
  const spec = specOf("relu");
  const { windows } = text();
  const other = tf.reverse(windows, 1);
  const logits = (cohort: number, given: tf.Tensor) =>
    decoderLogits(parametersOf(spec, cohort), given, { spec }).unstack();
  const [first, second] = logits(2, tf.concat([windows, other])) as [tf.Tensor, tf.Tensor];
  const [shared] = logits(2, windows) as [tf.Tensor];
  const [alone] = logits(1, other) as [tf.Tensor];
  expect(first.sub(shared).abs().max().dataSync()[0]).toBe(0);
  expect(second.sub(alone).abs().max().dataSync()[0]).toBe(0);
});

it("looks at no row's mean, also where some of the row was dropped", () => {
  const spec = specOf("relu");
  const { windows } = text();
  const pattern = tf.tensor(
    Array.from({ length: 120 }, (_, i) => (i % 3 === 0 ? 0 : 1.5)),
    [1, 15, 8],
  );
  const logits = (lift: number) =>
    decoderLogits(parametersOf(spec), windows, { spec, dropout: (x) => tf.add(tf.mul(x, pattern), lift) });
  const [plain, lifted] = [logits(0), logits(3)];
  expect(tf.max(tf.abs(tf.sub(plain, lifted))).arraySync()).toBeLessThan(1e-4);
  const whole = decoderLogits(parametersOf(spec), windows, { spec });
  expect(tf.max(tf.abs(tf.sub(plain, whole))).arraySync()).toBeGreaterThan(0.1);
});

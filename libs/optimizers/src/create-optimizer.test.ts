import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { createOptimizer } from "./create-optimizer.js";
import { type OptimizerSpec, optimizerLabel, optimizerSpecSchema } from "./spec.js";

interface Fixture {
  readonly start: readonly number[];
  readonly curvatures: readonly number[];
  readonly learningRates: readonly number[];
  readonly cases: readonly { readonly spec: unknown; readonly trajectory: readonly (readonly number[])[] }[];
}

const fixture = JSON.parse(readFileSync(new URL("../fixtures/pytorch.json", import.meta.url), "utf8")) as Fixture;
const cases = fixture.cases.map(({ spec, trajectory }) => {
  const parsed = optimizerSpecSchema.parse(spec);
  return { label: optimizerLabel(parsed), spec: parsed, trajectory };
});

interface Run {
  readonly spec: OptimizerSpec;
  /** `[K][n]`. */
  readonly starts: readonly (readonly number[])[];
  /** `[T][K]`. */
  readonly learningRates: readonly (readonly number[])[];
}

/** Minimises the fixture's problem; positions after each step, `[T][K][n]`. */
function descend({ spec, starts, learningRates }: Run): number[][][] {
  const optimizer = createOptimizer(spec);
  const columns = fixture.curvatures.length;
  return tf.tidy(() => {
    let parameters: readonly tf.Tensor[] = [tf.tensor2d(starts as number[][], [starts.length, columns])];
    let slots: readonly (readonly tf.Tensor[])[] = parameters.map((p) => optimizer.slots.map(() => tf.zerosLike(p)));
    return learningRates.map((rates, step) => {
      const [parameter] = parameters as readonly [tf.Tensor];
      const gradients = [tf.add(tf.mul(parameter, tf.tensor1d([...fixture.curvatures])), 0.1 * Math.cos(step))];
      const learningRates = tf.tensor1d([...rates]);
      const losses = tf.zerosLike(learningRates);
      const given = { parameters, slots, trialSlots: [], gradients, losses, learningRates, step: tf.scalar(step) };
      ({ parameters, slots } = optimizer.update(given));
      expect(slots[0]).toHaveLength(optimizer.slots.length);
      return (parameters[0] as tf.Tensor).arraySync() as number[][];
    });
  });
}

/** Relative to the expected value, or absolute where that is below 1. */
function relativeError(value: number, expected: number): number {
  return Math.abs(value - expected) / Math.max(1, Math.abs(expected));
}

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend("cpu");
});

describe.each(cases)("$label", ({ spec, trajectory }) => {
  it("goes where PyTorch goes", () => {
    const positions = descend({
      spec,
      starts: [fixture.start],
      learningRates: fixture.learningRates.map((rate) => [rate]),
    });
    // PyTorch's numbers are float64; ours carry float32's rounding of 25 steps.
    const errors = positions.map(([position = []], step) =>
      Math.max(...position.map((value, i) => relativeError(value, trajectory[step]?.[i] as number))),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-5);
  });

  it("trains each trial at its own rate: a cohort equals single runs", () => {
    const starts = [fixture.start, fixture.start.map((x) => -x), fixture.start];
    const learningRates = fixture.learningRates.map((rate) => [rate, 2 * rate, 0]);
    const together = descend({ spec, starts, learningRates });
    starts.forEach((start, k) => {
      const alone = descend({
        spec,
        starts: [start],
        learningRates: learningRates.map((rates) => [rates[k] as number]),
      });
      expect(alone.map(([position]) => position)).toEqual(together.map((positions) => positions[k]));
    });
    expect(together.at(-1)?.[2]).toEqual([...Float32Array.from(fixture.start)]);
  });
});

it("keeps Adam's first steps exact: each is one learning rate long when epsilon is small", () => {
  const spec = optimizerSpecSchema.parse({ kind: "adam", epsilon: 1e-30, beta2: 0.9999 });
  const [first] = descend({ spec, starts: [fixture.start], learningRates: [[0.01]] });
  first?.[0]?.forEach((value, i) => {
    expect(Math.abs(Math.abs(value - (fixture.start[i] as number)) / 0.01 - 1)).toBeLessThan(3e-5);
  });
});

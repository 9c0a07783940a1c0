import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { type GradientRuleSpec, gradientRuleSpecSchema } from "../src/rules/spec.js";
import { type OptimizerSpec, optimizerLabel, optimizerSpecSchema } from "../src/spec.js";
import { type SteeredDescent, type SteeredStep, steeredDescent } from "./steered-descent.js";

/** What fixtures/authors.py writes. */
interface Fixture {
  readonly shapes: readonly (readonly number[])[];
  readonly start: readonly number[];
  readonly target: readonly number[];
  readonly curvatures: readonly number[];
  /** `[T][n]`. */
  readonly noise: readonly (readonly number[])[];
  readonly cases: readonly AuthorsCase[];
}

type Cases = Pick<Fixture, "cases">;

interface AuthorsCase {
  readonly rule: { readonly kind: string };
  readonly optimizer: { readonly kind: string };
  readonly learningRate: number;
  /** 1 when left out. */
  readonly batchesPerEpoch?: number;
  /** `[T][n]`. */
  readonly positions: readonly (readonly number[])[];
  /** Where it is not the position, `[T][n]`. */
  readonly evaluated?: readonly (readonly number[])[];
  /** Of the whole model, or one for each parameter: `[T][1]` or `[T][parameters]`. */
  readonly rates: readonly (readonly number[])[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
const fixture = read("authors") as Fixture;
/** Rules whose authors published no package have fixtures of their own, on the same problem. */
const authorsCases = [fixture, read("hypergradient") as Cases, read("polyak") as Cases].flatMap(({ cases }) => cases);

/** The problem of fixtures/authors.py: ½ Σ c (x − target)² over two parameters, with noise in its gradient. */
export const noisyProblem = {
  shapes: fixture.shapes,
  start: fixture.start,
  steps: fixture.noise.length,
  gradient: (positions: tf.Tensor2D, step: number) =>
    tf.add(
      tf.mul(tf.sub(positions, tf.tensor1d([...fixture.target])), tf.tensor1d([...fixture.curvatures])),
      tf.tensor1d([...(fixture.noise[step] as number[])]),
    ) as tf.Tensor2D,
  /** Without the noise. */
  loss: (positions: tf.Tensor2D) =>
    tf.mul(
      0.5,
      tf.sum(
        tf.mul(tf.square(tf.sub(positions, tf.tensor1d([...fixture.target]))), tf.tensor1d([...fixture.curvatures])),
        1,
      ),
    ) as tf.Tensor1D,
};

/** Descends the noisy problem: one trial from its start unless told otherwise. Of other shapes it has no loss. */
export function descendNoisily(
  options: Pick<SteeredDescent, "rule" | "optimizer"> & Partial<SteeredDescent>,
): SteeredStep[] {
  const { loss, ...problem } = noisyProblem;
  const ownLoss = options.shapes === undefined ? { loss } : {};
  return steeredDescent({ ...problem, ...ownLoss, starts: [problem.start], learningRates: [1], ...options });
}

export const ruleOf = (given: unknown): GradientRuleSpec => gradientRuleSpecSchema.parse(given);
export const optimizerOf = (given: unknown): OptimizerSpec => optimizerSpecSchema.parse(given);

/** Relative to the expected number, or absolute where that is below `floor`. */
function relativeError(values: readonly number[], expected: readonly number[], floor: number): number {
  expect(values).toHaveLength(expected.length);
  return Math.max(
    ...values.map((x, i) => Math.abs(x - (expected[i] as number)) / Math.max(floor, Math.abs(expected[i] as number))),
  );
}

/** Runs every case that the authors' package has of a rule. Theirs is float64; ours carries float32's rounding of 40 steps. */
export function agreesWithAuthors(kind: string): void {
  const cases = authorsCases
    .filter(({ rule }) => rule.kind === kind)
    .map(({ rule, optimizer, learningRate, batchesPerEpoch = 1, ...expected }) => {
      const { kind: _, ...options } = rule;
      const spec = optimizerOf(optimizer);
      return {
        name: `${optimizerLabel(spec)} ${JSON.stringify(options)}`,
        descent: { rule: ruleOf(rule), optimizer: spec, learningRates: [learningRate], batchesPerEpoch },
        ...expected,
      };
    });
  if (cases.length === 0) throw new Error(`no fixture has a case of ${kind}`);

  describe.each(cases)("$name", ({ descent, positions, evaluated = positions, rates }) => {
    it("goes where the authors' package goes, at its rates, and evaluates where it does", () => {
      const steps = descendNoisily(descent);
      const errorOf = (values: (step: SteeredStep) => readonly number[], expected: typeof positions, floor: number) =>
        Math.max(...steps.map((step, t) => relativeError(values(step), expected[t] as number[], floor)));
      const extremes = rates.map((own) => [Math.min(...own), Math.max(...own)]);
      const errors = {
        positions: errorOf((step) => step.positions[0] as number[], positions, 1),
        evaluated: errorOf((step) => step.evaluated[0] as number[], evaluated, 1),
        rates: errorOf((step) => [...step.rates.lowest, ...step.rates.highest], extremes, 0),
      };
      expect(errors.positions).toBeLessThan(1e-5);
      expect(errors.evaluated).toBeLessThan(1e-5);
      expect(errors.rates).toBeLessThan(1e-5);
    });
  });
}

import * as tf from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { createSteeredOptimizer } from "../src/create-optimizer.js";
import type { GradientRuleSpec } from "../src/rules/spec.js";
import { type OptimizerSpec, optimizerLabel } from "../src/spec.js";
import { descendNoisily, noisyProblem } from "./agrees-with-authors.js";
import { initialState, type SteeredStep } from "./steered-descent.js";

const { start, gradient } = noisyProblem;
const columns = start.length;
const starts = [start, start.map((x) => 1 - x), start.map((x) => 0.5 * x)];

/** What every rule owes whose update is a function in tensors; where a base rate of 1 diverges, it needs another. */
export function gradientRuleContract(rule: GradientRuleSpec, optimizer: OptimizerSpec, learningRate = 1): void {
  const descend = (options: Partial<Parameters<typeof descendNoisily>[0]>) =>
    descendNoisily({ rule, optimizer, learningRates: [learningRate], ...options });
  const { kind, ...options } = rule;

  describe(`${kind} of ${optimizerLabel(optimizer)} ${JSON.stringify(options)}`, () => {
    it("trains each trial by itself: a cohort equals single runs", () => {
      const learningRates = [learningRate, 0.5 * learningRate, 0];
      const together = descend({ starts, learningRates });
      starts.forEach((own, k) => {
        const alone = descend({ starts: [own], learningRates: [learningRates[k] as number] });
        expect(together.map((step) => trialOf(step, k))).toEqual(alone.map((step) => trialOf(step, 0)));
      });
    });

    it("leaves the other trials alone when one diverges", () => {
      const blow = tf.tensor2d([1, Number.POSITIVE_INFINITY, 1], [3, 1]);
      const learningRates = starts.map(() => learningRate);
      const calm = descend({ starts, learningRates });
      const struck = descend({
        starts,
        learningRates,
        gradient: (x, step) => (step === 3 ? tf.mul(gradient(x, step), blow) : gradient(x, step)),
      });
      expect(struck.at(-1)?.positions[1]?.some(Number.isFinite)).toBe(false);
      for (const k of [0, 2]) {
        expect(struck.map((step) => trialOf(step, k))).toEqual(calm.map((step) => trialOf(step, k)));
      }
    });

    it("stays where it is while the gradient is zero, and moves when it is not", () => {
      const steps = descend({
        optimizer: withoutDecay(optimizer),
        gradient: (x, step) => (step < 5 ? tf.zeros([1, columns]) : gradient(x, step)),
      });
      const first = [...Float32Array.from(start)];
      for (const step of steps.slice(0, 5)) expect(step.positions[0]).toEqual(first);
      for (const step of steps) expect(everyNumber(step).every(Number.isFinite)).toBe(true);
      expect(steps.at(-1)?.positions[0]).not.toEqual(first);
    });

    it("keeps numbers when the gradient vanishes later", () => {
      const steps = descend({ gradient: (x, step) => (step < 20 ? gradient(x, step) : tf.zeros([1, columns])) });
      for (const step of steps) expect(everyNumber(step).every(Number.isFinite)).toBe(true);
    });

    it("is evaluated where it starts, before its first step", () => {
      const made = createSteeredOptimizer({ optimizer, rule, batchesPerEpoch: 1 });
      const parameters = [tf.tensor2d(starts.map((each) => [...each]))];
      const state = initialState(made, parameters);
      const [evaluated] = made.evaluated?.(state) ?? parameters;
      expect(evaluated?.arraySync()).toEqual(parameters[0]?.arraySync());
    });
  });
}

function trialOf({ positions, evaluated, rates }: SteeredStep, k: number) {
  return {
    positions: positions[k],
    evaluated: evaluated[k],
    rates: [rates.mean[k], rates.lowest[k], rates.highest[k]],
  };
}

function everyNumber({ positions, evaluated, rates }: SteeredStep): number[] {
  return [...positions.flat(), ...evaluated.flat(), ...rates.mean, ...rates.lowest, ...rates.highest];
}

function withoutDecay(optimizer: OptimizerSpec): OptimizerSpec {
  return optimizer.kind === "adam" ? optimizer : { ...optimizer, weightDecay: 0 };
}

import { randomStream } from "@stride/random";
import { createScheduler } from "@stride/schedules";
import { type ScheduleSpec, scheduleSpecSchema } from "@stride/schedules/spec";
import type { PolicyCurve } from "../src/distill/curve.js";

export const spec = (value: object): ScheduleSpec => scheduleSpecSchema.parse(value);

/** Noisy descent to a floor, at the rates of a rule: fast where the rate is near 0.3, rising above 1. */
export function trained(schedule: ScheduleSpec, { seed, baseRate, steps = 200 }: Drawn): PolicyCurve {
  const stream = randomStream({ seed, purpose: "test" });
  const scheduler = createScheduler(schedule, { learningRate: baseRate, steps });
  const losses: number[] = [];
  const learningRates: number[] = [];
  let state = scheduler.init();
  let level = 1;
  for (let step = 0; step < steps; step++) {
    const rate = scheduler.learningRate(state);
    level = rate > 1 ? level * 1.1 : level - 0.2 * Math.min(rate, 0.3) * (level - 0.01 * (1 + 10 * rate));
    const loss = level * Math.exp(0.1 * stream.normal(step, 0));
    losses.push(loss);
    learningRates.push(rate);
    state = scheduler.update(state, { step, trainingLoss: loss });
  }
  return { losses, learningRates, baseRate, steps };
}

export interface Drawn {
  readonly seed: number;
  readonly baseRate: number;
  readonly steps?: number;
}

/** Trainings of seeds 0, 1, …, from four base rates in turn. */
export const curvesOf = (schedule: ScheduleSpec, count: number): PolicyCurve[] =>
  Array.from({ length: count }, (_, seed) => trained(schedule, { seed, baseRate: 0.01 * 4 ** (seed % 4) }));

export const range = { lowest: 1e-3, highest: 1e3 };
export const table = spec({
  kind: "decision-table",
  every: 10,
  trend: [-0.1, 0.02],
  table: [
    [2, 1.25, 0.5],
    [1, 0.8, 0.5],
  ],
  ...range,
});
export const greedy = spec({
  kind: "greedy",
  patience: 6,
  factor: 0.7,
  thresholdMode: "relative",
  minLearningRate: 1e-4,
  maxLearningRate: 10,
});

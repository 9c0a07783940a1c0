import type { Trial } from "@stride/experiment";
import { createSchedule, createScheduler, type Observation } from "@stride/schedules";
import { decisions } from "@stride/schedules/spec";

/** One trial's learning rate, as the training loop asks for it. */
export interface RateControl {
  /** What moves the rate besides time. */
  readonly watches: "nothing" | "training" | "evaluation";
  /** The first number of updates after `step` at which an observation may change the rate; +Infinity when only an evaluation may. */
  nextDecision(step: number): number;
  /** The rate of a step before the next decision. */
  learningRate(step: number): number;
  /** What was seen after a step, in the order of steps; `observation.step` was taken at `learningRate(observation.step)`. */
  observe(observation: Observation): void;
}

/** The rule of a trial, started. */
export function createRateControl({ schedule: spec, learningRate, steps }: Trial): RateControl {
  const decided = decisions(spec);
  if (decided.kind === "open-loop") {
    return {
      watches: "nothing",
      nextDecision: () => Number.POSITIVE_INFINITY,
      learningRate: createSchedule(spec, { learningRate, steps }),
      observe: () => {},
    };
  }
  const scheduler = createScheduler(spec, { learningRate, steps });
  const { signal, every } = decided;
  let state = scheduler.init();
  let rate = scheduler.learningRate(state);
  return {
    watches: signal === "train" ? "training" : "evaluation",
    nextDecision: (step) => (signal === "train" ? (Math.floor(step / every) + 1) * every : Number.POSITIVE_INFINITY),
    learningRate: () => rate,
    observe(observation) {
      state = scheduler.update(state, observation);
      rate = scheduler.learningRate(state);
    },
  };
}

import { isGradientRule } from "@stride/optimizers/spec";
import { createSchedule, createScheduler, type Observation, type Scheduler } from "@stride/schedules";
import { decisions } from "@stride/schedules/spec";
import type { LoadedModules } from "@stride/tasks";
import type { TrainedTrial } from "./controls.js";
import { nextMultiple } from "./pace.js";

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

/** The rule of a trial, started; `own` acts in its place where the rule of the spec is a closed loop, at the times of the spec. */
export function createRateControl(
  { schedule: spec, learningRate, steps, seed }: Pick<TrainedTrial, "schedule" | "learningRate" | "steps" | "seed">,
  modules: LoadedModules,
  own?: Scheduler,
): RateControl {
  // Such a rule moves inside of the update: what it is given from outside stays the base rate.
  if (isGradientRule(spec)) return timedControl(() => learningRate);
  const decided = decisions(spec);
  if (decided.kind === "open-loop") {
    return timedControl(createSchedule(spec, { learningRate, steps, modules }));
  }
  const scheduler = own ?? createScheduler(spec, { learningRate, steps, modules, seed });
  const { signal, every, warmupSteps } = decided;
  let state = scheduler.init();
  let rate = scheduler.learningRate(state);
  return {
    watches: signal === "train" ? "training" : "evaluation",
    nextDecision(step) {
      if (step < warmupSteps) return step + 1;
      return signal === "train" ? nextMultiple(every, step) : Number.POSITIVE_INFINITY;
    },
    learningRate: () => rate,
    observe(observation) {
      state = scheduler.update(state, observation);
      rate = scheduler.learningRate(state);
    },
  };
}

/** A rate that depends on the step alone. */
export function timedControl(learningRate: (step: number) => number): RateControl {
  return { watches: "nothing", nextDecision: () => Number.POSITIVE_INFINITY, learningRate, observe: () => {} };
}

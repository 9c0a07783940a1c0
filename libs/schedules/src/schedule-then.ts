import type { Json, Schedule, Scheduler } from "./schedule.js";

/**
 * `first` for so many `steps`, then `following` as if the trial began there. A scheduler sees the losses of the steps taken at its own
 * rates alone; `observation.step` stays the trial's, so the steps it looks at are those it looks at without anything before it.
 */
export function scheduleThen(first: Schedule, steps: number, following: Schedule | Scheduler): Schedule | Scheduler {
  if (typeof following !== "function") return thenScheduler(first, steps, following);
  return (step) => (step < steps ? first(step) : following(step - steps));
}

/** `step` is the step whose rate is asked for next, until the scheduler begins. */
type ThenState = { readonly step: number; readonly rule: Json };

function thenScheduler(first: Schedule, steps: number, scheduler: Scheduler): Scheduler<ThenState> {
  return {
    init: () => ({ step: 0, rule: scheduler.init() }),
    learningRate: ({ step, rule }) => (step < steps ? first(step) : scheduler.learningRate(rule)),
    update: ({ rule }, observation) => ({
      step: Math.min(observation.step + 1, steps),
      rule: observation.step < steps ? rule : scheduler.update(rule, observation),
    }),
  };
}

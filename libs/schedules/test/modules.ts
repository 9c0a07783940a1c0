import type { Schedule, Scheduler } from "../src/schedule.js";
import { scheduleSpecSchema } from "../src/spec.js";

/** A parsed spec of kind module, with a hash that is easy to recognise. */
export function moduleSpec(fields: object = {}) {
  const spec = scheduleSpecSchema.parse({
    kind: "module",
    path: "fade.mjs",
    watches: "nothing",
    sha256: "0a".repeat(32),
    ...fields,
  });
  if (spec.kind !== "module") throw new Error(`${spec.kind} is no module`);
  return spec;
}

/** A module's open loop: to nothing at the horizon, and not below. */
export function fade(_options: object, trial: { readonly learningRate: number; readonly steps: number }): Schedule {
  return (step) => trial.learningRate * Math.max(0, 1 - step / trial.steps);
}

type Halved = { readonly rate: number; readonly evaluations: number; readonly best: number };

/** A module's closed loop: it looks at every second evaluation, and halves when that is no better than the best it saw. */
export function halveAtEverySecondEvaluation(
  _options: object,
  { learningRate }: { readonly learningRate: number },
): Scheduler<Halved> {
  return {
    init: () => ({ rate: learningRate, evaluations: 0, best: Number.MAX_VALUE }),
    update(state, { step, evaluation }) {
      if (evaluation?.step !== step + 1) return state;
      const evaluations = state.evaluations + 1;
      if (evaluations % 2 !== 0) return { ...state, evaluations };
      return evaluation.loss < state.best
        ? { ...state, evaluations, best: evaluation.loss }
        : { ...state, evaluations, rate: state.rate / 2 };
    },
    learningRate: ({ rate }) => rate,
  };
}

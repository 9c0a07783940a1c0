import { z } from "zod";
import { stepCount } from "./fields.js";
import type { Decisions } from "./rule.js";
import type { Json, Observation, Scheduler } from "./schedule.js";

/** The fields of a rule that watches a loss. */
export const watchFields = {
  signal: z
    .enum(["train", "evaluation"])
    .default("train")
    .meta({ description: "the loss it watches: train, each step's own; evaluation, the held-out one", unit: "" }),
  every: stepCount({ min: 1 })
    .default(1)
    .meta({ description: "it looks at every n-th step or evaluation only", unit: "steps or evaluations" }),
};

export interface WatchSpec {
  readonly signal: "train" | "evaluation";
  readonly every: number;
}

/** A closed-loop rule that sees one number after the other, and does not care where they come from. */
export interface MetricRule<State extends Json> {
  init(): State;
  /** `metric` may be non-finite. */
  update(state: State, metric: number): State;
  learningRate(state: State): number;
}

type WatchState<State extends Json> = { readonly evaluations: number; readonly rule: State };

/**
 * Feeds a rule the metric that its spec names: the training loss of every `every`-th step, or every `every`-th new evaluation.
 * An evaluation is new when it was taken after the very step that is observed.
 */
export function watch<State extends Json>(
  rule: MetricRule<State>,
  { signal, every }: WatchSpec,
): Scheduler<WatchState<State>> {
  return {
    init: () => ({ evaluations: 0, rule: rule.init() }),
    learningRate: (state) => rule.learningRate(state.rule),
    update(state, observation) {
      if (signal === "train") {
        if ((observation.step + 1) % every !== 0) return state;
        return { ...state, rule: rule.update(state.rule, observation.trainingLoss) };
      }
      const loss = newEvaluation(observation);
      if (loss === undefined) return state;
      const evaluations = state.evaluations + 1;
      return { evaluations, rule: evaluations % every === 0 ? rule.update(state.rule, loss) : state.rule };
    },
  };
}

export function watchDecisions({ signal, every }: WatchSpec): Decisions {
  return { kind: "closed-loop", signal, every, warmupSteps: 0 };
}

function newEvaluation({ step, evaluation }: Observation): number | undefined {
  return evaluation?.step === step + 1 ? evaluation.loss : undefined;
}

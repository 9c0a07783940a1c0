import { taskCost } from "@stride/tasks/spec";
import type { AgentSweep } from "./sweep.js";

/** What an agent's study will take if nothing diverges; what learning itself takes is left out. */
export interface AgentEstimate {
  readonly iterations: number;
  /** Training and validation. */
  readonly episodes: number;
  readonly steps: number;
  /** Floating-point operations, evaluations included. */
  readonly operations: number;
}

export function agentEstimate({ iterations, episodes, validate, tasks, environment }: AgentSweep): AgentEstimate {
  const { steps, every, reward } = environment;
  const evaluations = reward.signal === "evaluation" ? 1 + steps / every : 2;
  const operationsOf = (set: AgentSweep["tasks"]["train"]) =>
    set.reduce((sum, task) => {
      const { flopsPerStep, evaluationFlops } = taskCost(task);
      return sum + steps * flopsPerStep + evaluations * evaluationFlops;
    }, 0) / set.length;
  const training = iterations * episodes.batches * episodes.each;
  // Version 0, every so many, and the last.
  const validations = 1 + Math.ceil(iterations / validate.every);
  const validation = validations * tasks.validation.length * validate.each;
  return {
    iterations,
    episodes: training + validation,
    steps: (training + validation) * steps,
    operations: training * operationsOf(tasks.train) + validation * operationsOf(tasks.validation),
  };
}

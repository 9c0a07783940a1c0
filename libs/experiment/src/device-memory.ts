import { isGradientRule } from "@stride/optimizers/spec";
import { type TaskSpec, taskCost, taskDataNumbers } from "@stride/tasks/spec";
import type { Trial } from "./domain.js";
import type { Work } from "./ports.js";

const bytesPerNumber = 4;
/** Times that plain descent reads or writes each parameter in a step, by the tasks' costs (`TaskCost.bytesPerStep`). */
const parameterPasses = 6;

/**
 * Bytes that a piece of work takes on a device, from what is known without building it: generous rather than exact. docs/gpu.md compares it
 * with measurements. A module's data and the policy that is learned are not known, and count nothing.
 *
 *   state       2 sets of parameters and slots
 *   step        everything that a step reads or writes once (`bytesPerStep`), as if nothing of it was given back
 *   evaluation  the activations of a step, for as many times the rows as it has
 *   data        the training and the held-out set, whole
 */
export function deviceMemory(work: Work): number {
  if (!("kind" in work)) {
    const [first] = work.trials;
    if (first === undefined) return 0;
    return memoryOf(first.task, { trials: work.trials.length, slots: slotsOf(first) });
  }
  if (work.kind === "update") return 0;
  return memoryOf(work.task, { trials: work.starts.length, slots: slotsOf(work) });
}

function memoryOf(task: TaskSpec, { trials, slots }: { readonly trials: number; readonly slots: number }): number {
  const { parameters, flopsPerStep, bytesPerStep, evaluationFlops } = taskCost(task);
  const state = 2 * (1 + slots) * bytesPerNumber * parameters;
  const activations = Math.max(0, bytesPerStep - parameterPasses * bytesPerNumber * parameters);
  const evaluation = (activations * evaluationFlops) / flopsPerStep;
  return Math.ceil(trials * (state + bytesPerStep + evaluation) + bytesPerNumber * taskDataNumbers(task));
}

/** Numbers that an optimizer keeps for each parameter; of a gradient rule, which keeps up to as many more, the most. */
function slotsOf({ optimizer, schedule }: Pick<Trial, "optimizer"> & Partial<Pick<Trial, "schedule">>): number {
  const own = optimizer.kind === "sgd" ? (optimizer.momentum > 0 ? 1 : 0) : 2;
  return schedule !== undefined && isGradientRule(schedule) ? own + 3 : own;
}

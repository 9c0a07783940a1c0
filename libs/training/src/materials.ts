import { canonicalJson, type Trial } from "@stride/experiment";
import { createOptimizer, createSteeredOptimizer, type Optimizer } from "@stride/optimizers";
import { isGradientRule } from "@stride/optimizers/spec";
import { createTask, type LoadedModules, type Task } from "@stride/tasks";

const tasks = new Map<string, Promise<Task>>();
const optimizers = new Map<string, Optimizer>();

/** The task and the optimizer of a trial, each made once a process for each distinct spec: executors know them by identity. */
export async function materials(trial: Trial, modules: LoadedModules): Promise<{ task: Task; optimizer: Optimizer }> {
  const taskKey = canonicalJson(trial.task);
  const made = tasks.get(taskKey) ?? createTask(trial.task, modules);
  tasks.set(taskKey, made);
  // A task that could not be made is not kept: its data may be there the next time.
  made.catch(() => tasks.delete(taskKey));
  const task = await made;
  return { task, optimizer: optimizerOf(trial, task) };
}

function optimizerOf({ optimizer, schedule }: Trial, task: Task): Optimizer {
  const steered = isGradientRule(schedule) ? { rule: schedule, batchesPerEpoch: batchesPerEpoch(task) } : undefined;
  const key = canonicalJson([optimizer, steered ?? null]);
  const made =
    optimizers.get(key) ??
    (steered === undefined ? createOptimizer(optimizer) : createSteeredOptimizer({ optimizer, ...steered }));
  optimizers.set(key, made);
  return made;
}

function batchesPerEpoch({ batchSize, training }: Task): number {
  return batchSize === 0 ? 1 : Math.max(1, Math.floor(training.size / batchSize));
}

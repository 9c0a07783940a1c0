import type { Trial } from "@stride/experiment";
import { createOptimizer, type Optimizer } from "@stride/optimizers";
import { optimizerLabel } from "@stride/optimizers/spec";
import { createTask, type Task } from "@stride/tasks";
import { taskLabel } from "@stride/tasks/spec";

const tasks = new Map<string, Promise<Task>>();
const optimizers = new Map<string, Optimizer>();

/** The task and the optimizer of a trial, each made once a process for each distinct spec: executors know them by identity. */
export async function materials({ task, optimizer }: Trial): Promise<{ task: Task; optimizer: Optimizer }> {
  const taskKey = taskLabel(task);
  const made = tasks.get(taskKey) ?? createTask(task);
  tasks.set(taskKey, made);
  // A task that could not be made is not kept: its data may be there the next time.
  made.catch(() => tasks.delete(taskKey));
  const optimizerKey = optimizerLabel(optimizer);
  const madeOptimizer = optimizers.get(optimizerKey) ?? createOptimizer(optimizer);
  optimizers.set(optimizerKey, madeOptimizer);
  return { task: await made, optimizer: madeOptimizer };
}

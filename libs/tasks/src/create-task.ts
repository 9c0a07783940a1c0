import { createMlp } from "./mlp/task.js";
import { createNmf } from "./nmf/task.js";
import { createQuadratic } from "./quadratic/task.js";
import type { TaskSpec } from "./spec.js";
import type { Task } from "./task.js";

/** Builds a task, reading its data where it has any. */
export async function createTask(spec: TaskSpec): Promise<Task> {
  switch (spec.kind) {
    case "quadratic":
      return createQuadratic(spec);
    case "nmf":
      return createNmf(spec);
    case "mlp":
      return createMlp(spec);
  }
}

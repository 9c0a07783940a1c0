import { createAckley } from "./ackley/task.js";
import { createAutoencoder } from "./autoencoder/task.js";
import { createCnn } from "./cnn/task.js";
import { createLogistic } from "./logistic/task.js";
import { createMlp } from "./mlp/task.js";
import { createNmf } from "./nmf/task.js";
import { createQuadratic } from "./quadratic/task.js";
import { createRastrigin } from "./rastrigin/task.js";
import { createRosenbrock } from "./rosenbrock/task.js";
import type { TaskSpec } from "./spec.js";
import type { Task } from "./task.js";
import { createTransformer } from "./transformer/task.js";

type Creators = {
  readonly [Kind in TaskSpec["kind"]]: (spec: Extract<TaskSpec, { kind: Kind }>) => Task | Promise<Task>;
};

const creators: Creators = {
  quadratic: createQuadratic,
  rosenbrock: createRosenbrock,
  rastrigin: createRastrigin,
  ackley: createAckley,
  nmf: createNmf,
  logistic: createLogistic,
  mlp: createMlp,
  cnn: createCnn,
  autoencoder: createAutoencoder,
  transformer: createTransformer,
};

/** Builds a task, reading its data where it has any. */
export async function createTask(spec: TaskSpec): Promise<Task> {
  const create = creators[spec.kind] as (spec: TaskSpec) => Task | Promise<Task>;
  return create(spec);
}

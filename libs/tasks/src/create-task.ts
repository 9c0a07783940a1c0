import { createAckley } from "./ackley/task.js";
import { createAutoencoder } from "./autoencoder/task.js";
import { createCnn } from "./cnn/task.js";
import { createLogistic } from "./logistic/task.js";
import { createMlp } from "./mlp/task.js";
import type { LoadedModules } from "./module/load-modules.js";
import { createModuleTask } from "./module/task.js";
import { createNmf } from "./nmf/task.js";
import { createQuadratic } from "./quadratic/task.js";
import { createRastrigin } from "./rastrigin/task.js";
import { createRosenbrock } from "./rosenbrock/task.js";
import type { TaskSpec } from "./spec.js";
import type { Task } from "./task.js";
import { createTextClassifier } from "./text-classifier/task.js";
import { createTransformer } from "./transformer/task.js";

type Creators = {
  readonly [Kind in TaskSpec["kind"]]: (
    spec: Extract<TaskSpec, { kind: Kind }>,
    modules: LoadedModules,
  ) => Task | Promise<Task>;
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
  "text-classifier": createTextClassifier,
  transformer: createTransformer,
  module: createModuleTask,
};

/** Builds a task, reading its data where it has any. A task of kind module is found among the loaded `modules`. */
export async function createTask(spec: TaskSpec, modules: LoadedModules = new Map()): Promise<Task> {
  const create = creators[spec.kind] as (spec: TaskSpec, modules: LoadedModules) => Task | Promise<Task>;
  return create(spec, modules);
}

import { randomStream, type Stream } from "@stride/random";
import * as tf from "@tensorflow/tfjs-core";
import { type ImageRequest, labelledImages } from "../mlp/labelled-images.js";
import type { DataSet, Task } from "../task.js";
import { type LoadedModules, ModuleNotLoaded } from "./load-modules.js";
import type { ModuleTaskSpec } from "./spec.js";
import { requireInitial, requireTask } from "./task-shape.js";

/** What a task's module works with. */
export interface TaskTools {
  /** TensorFlow.js, its operations as functions. */
  readonly tf: typeof tf;
  /** Random numbers that belong to the problem, the same in every trial: one stream a purpose. A trial's own go to `init`. */
  random(purpose: string): Stream;
  readonly data: {
    /** MNIST or Fashion-MNIST as arrays `pixels` `[784]`, in [0, 1], and one-hot `labels` `[10]`. */
    labelledImages(request: ImageRequest): Promise<DataSet>;
  };
}

const tools: TaskTools = {
  tf,
  random: (purpose) => randomStream({ seed: 0, purpose: `module ${purpose}` }),
  data: { labelledImages },
};

/** The task that a user's module makes. Throws `ModuleNotLoaded` or `NotATask`, and what the module itself throws. */
export async function createModuleTask(
  { sha256, path, options }: ModuleTaskSpec,
  modules: LoadedModules,
): Promise<Task> {
  if (!modules.has(sha256)) throw new ModuleNotLoaded(`the text of ${path} (${sha256}) was not given`);
  const make = modules.get(sha256);
  if (typeof make !== "function") {
    throw new ModuleNotLoaded("the default export must be a function ({ tf, random, data }, options) => task");
  }
  // Its own copy: a module that changes its options would change the spec.
  const task = requireTask(await make(tools, structuredClone(options)));
  return { ...task, init: (random) => requireInitial(task, task.init(random)) };
}

import { z } from "zod";
import { ackleyDefinition } from "./ackley/spec.js";
import { autoencoderDefinition } from "./autoencoder/spec.js";
import { cnnDefinition } from "./cnn/spec.js";
import type { TaskCost, TaskDefinition, TaskKind, TaskTraits } from "./kind.js";
import { logisticDefinition } from "./logistic/spec.js";
import { mlpDefinition } from "./mlp/spec.js";
import { moduleTaskDefinition } from "./module/spec.js";
import { nmfDefinition } from "./nmf/spec.js";
import { quadraticDefinition } from "./quadratic/spec.js";
import { rastriginDefinition } from "./rastrigin/spec.js";
import { rosenbrockDefinition } from "./rosenbrock/spec.js";
import { textClassifierDefinition } from "./text-classifier/spec.js";
import { transformerDefinition } from "./transformer/spec.js";

const definitions = [
  quadraticDefinition,
  rosenbrockDefinition,
  rastriginDefinition,
  ackleyDefinition,
  nmfDefinition,
  logisticDefinition,
  mlpDefinition,
  cnnDefinition,
  autoencoderDefinition,
  textClassifierDefinition,
  transformerDefinition,
  moduleTaskDefinition,
] as const;

type SchemasOf<Definitions extends readonly TaskDefinition[]> = {
  readonly [Index in keyof Definitions]: Definitions[Index]["schema"];
};
// `map` forgets that it keeps a tuple's length.
const schemas = definitions.map(({ schema }) => schema) as unknown as SchemasOf<typeof definitions>;

/** A task as a sweep file declares it; parsing fills the defaults in and refuses unknown keys. */
export const taskSpecSchema = z.discriminatedUnion("kind", schemas);
export type TaskSpec = z.infer<typeof taskSpecSchema>;

/** What can be trained. */
export const taskKinds: readonly TaskKind[] = definitions.map(({ kind, description, parameters }) => ({
  kind,
  description,
  parameters,
}));

/** A short name, one for each distinct spec; options that are not at their defaults show. */
export function taskLabel(spec: TaskSpec): string {
  return definitionOf(spec).label(spec);
}

/** What one step of one trial costs, without building the task. */
export function taskCost(spec: TaskSpec): TaskCost {
  return definitionOf(spec).cost(spec);
}

/** Numbers of a task's training and held-out data, at four bytes; 0 for one without data, and for a module, of which it is not known. */
export function taskDataNumbers(spec: TaskSpec): number {
  return definitionOf(spec).dataNumbers?.(spec) ?? 0;
}

/** What decides which noises and rules make sense on it. */
export function taskTraits(spec: TaskSpec): TaskTraits {
  return { labels: false, inputs: false, constrained: false, stabilityBound: false, ...definitionOf(spec).traits };
}

function definitionOf(spec: TaskSpec): TaskDefinition {
  return definitions.find(({ kind }) => kind === spec.kind) as TaskDefinition;
}

export type { SpecParameter, TaskCost, TaskKind, TaskTraits } from "./kind.js";
export type { ModuleTaskSpec } from "./module/spec.js";

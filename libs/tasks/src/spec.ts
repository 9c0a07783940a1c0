import { z } from "zod";
import type { TaskCost, TaskKind } from "./kind.js";
import { mlpCost, mlpKind, mlpLabel, mlpSpecSchema } from "./mlp/spec.js";
import { nmfCost, nmfKind, nmfLabel, nmfSpecSchema } from "./nmf/spec.js";
import { quadraticCost, quadraticKind, quadraticLabel, quadraticSpecSchema } from "./quadratic/spec.js";

/** A task as a sweep file declares it; parsing fills the defaults in and refuses unknown keys. */
export const taskSpecSchema = z.discriminatedUnion("kind", [quadraticSpecSchema, nmfSpecSchema, mlpSpecSchema]);
export type TaskSpec = z.infer<typeof taskSpecSchema>;

/** What can be trained. */
export const taskKinds: readonly TaskKind[] = [quadraticKind, nmfKind, mlpKind];

/** A short name, one for each distinct spec; options that are not at their defaults show. */
export function taskLabel(spec: TaskSpec): string {
  switch (spec.kind) {
    case "quadratic":
      return quadraticLabel(spec);
    case "nmf":
      return nmfLabel(spec);
    case "mlp":
      return mlpLabel(spec);
  }
}

/** What one step of one trial costs, without building the task. */
export function taskCost(spec: TaskSpec): TaskCost {
  switch (spec.kind) {
    case "quadratic":
      return quadraticCost(spec);
    case "nmf":
      return nmfCost(spec);
    case "mlp":
      return mlpCost(spec);
  }
}

export type { SpecParameter, TaskCost, TaskKind } from "./kind.js";

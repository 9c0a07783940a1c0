import type { z } from "zod";

/** What one step of one trial costs, from the shapes alone: cohorts are planned on it. */
export interface TaskCost {
  /** Trained numbers. */
  readonly parameters: number;
  /** Floating-point operations of a step: forward, backward and a plain update; a multiply-add counts two. */
  readonly flopsPerStep: number;
  /** Bytes a step must read or write at least, at four a number. */
  readonly bytesPerStep: number;
  /** Floating-point operations of one evaluation on the held-out data. */
  readonly evaluationFlops: number;
}

/** What decides which noises and rules make sense on a task. */
export interface TaskTraits {
  /** Noise can act on labels; on inputs. */
  readonly labels: boolean;
  readonly inputs: boolean;
  /** Its parameters are projected after each update. */
  readonly constrained: boolean;
  /** It tells the largest rate at which a step of plain gradient descent is stable. */
  readonly stabilityBound: boolean;
}

/** One field of a spec, as a listing shows it; `default` is left out for a field that must be given. */
export interface SpecParameter {
  readonly name: string;
  readonly description: string;
  readonly default?: unknown;
}

/** A kind of task, as `stride tasks list` shows it. */
export interface TaskKind {
  readonly kind: string;
  /** One line. */
  readonly description: string;
  readonly parameters: readonly SpecParameter[];
}

/** Everything about a kind of task that needs no tensors. */
export interface TaskDefinition<Schema extends z.ZodType = z.ZodType> extends TaskKind {
  readonly schema: Schema;
  /** A short name, different for different specs; options at their defaults do not show. */
  label(spec: z.infer<Schema>): string;
  cost(spec: z.infer<Schema>): TaskCost;
  /** Numbers of its training and its held-out data; left out: it has none, or nobody knows before it is built. */
  dataNumbers?(spec: z.infer<Schema>): number;
  /** What is left out is false. */
  readonly traits?: Partial<TaskTraits>;
}

/** The fields of a spec's schema except its `kind`, with their descriptions and defaults. */
export function specParameters(shape: Readonly<Record<string, z.ZodType>>): SpecParameter[] {
  return Object.entries(shape)
    .filter(([name]) => name !== "kind")
    .map(([name, field]) => {
      const { description = "" } = field;
      const preset = field.safeParse(undefined);
      return preset.success && preset.data !== undefined
        ? { name, description, default: preset.data }
        : { name, description };
    });
}

/** `-word value` for a field that is not at its default, else nothing: labels show what is special. */
export function labelUnlessDefault(word: string, value: number, preset: number): string {
  return value === preset ? "" : `-${word}${value}`;
}

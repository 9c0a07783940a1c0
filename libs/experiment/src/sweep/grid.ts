import { type OptimizerSpec, optimizerLabel } from "@stride/optimizers/spec";
import { type TaskSpec, taskLabel } from "@stride/tasks/spec";
import type { RateSpec, Trial } from "../domain.js";
import type { Noise } from "../noise.js";
import type { Range, Search } from "../random-search.js";
import type { Stability } from "../stability.js";
import type { Analysis } from "./schema.js";

/** A schedule under the name it is compared by. */
export interface NamedSchedule {
  readonly name: string;
  readonly schedule: RateSpec;
  /** Kinds or labels of the tasks and optimizers that it is combined with; left out: all. */
  readonly only?: {
    readonly tasks?: readonly string[] | undefined;
    readonly optimizers?: readonly string[] | undefined;
  };
  /** What is done with the stability bound of the tasks; left out: nothing. */
  readonly stability?: Stability;
  /** Where a random search draws its parameters from; left out: it keeps those it has. */
  readonly search?: Readonly<Record<string, Range>>;
}

/** The declared grid: every combination is a trial. Plain JSON, all defaults filled in. */
export interface Sweep {
  readonly study: string;
  readonly tasks: readonly TaskSpec[];
  readonly optimizers: readonly OptimizerSpec[];
  readonly schedules: readonly NamedSchedule[];
  readonly learningRates: readonly number[];
  /** How many of each. */
  readonly seeds: { readonly tuning: number; readonly report: number };
  readonly steps: number;
  readonly evaluate: { readonly every: number };
  /** A random search over rates and parameters, beside the grid of rates. */
  readonly search?: Search;
  /** Every trial is run under each of these; one alone where it is none. */
  readonly noise: "none" | readonly (Noise | "none")[];
  readonly analysis: Analysis;
}

/** The noises that every trial is run under, one after another; undefined stands for none. */
export function noisesOf({ noise }: Pick<Sweep, "noise">): readonly (Noise | undefined)[] {
  return noise === "none" ? [undefined] : noise.map((each) => (each === "none" ? undefined : each));
}

/** What is trained, by what, under what. */
export type Problem = Pick<Trial, "task" | "optimizer" | "noise">;

/** Every combination of task, optimizer and noise. */
export function problemsOf(sweep: Sweep): Problem[] {
  return sweep.tasks.flatMap((task) =>
    sweep.optimizers.flatMap((optimizer) =>
      noisesOf(sweep).map((noise) => (noise === undefined ? { task, optimizer } : { task, optimizer, noise })),
    ),
  );
}

/** Whether a schedule is to be combined with a task and an optimizer of its sweep. Asked for every combination there is. */
export function applies(
  { tasks, optimizers }: Pick<Sweep, "tasks" | "optimizers">,
  { only }: NamedSchedule,
  { task, optimizer }: Pick<Trial, "task" | "optimizer">,
): boolean {
  if (only === undefined) return true;
  return (
    (only.tasks === undefined || isNamed(namesOf(only.tasks), task.kind, labelOfTask(task), labelsOfTasks(tasks))) &&
    (only.optimizers === undefined ||
      isNamed(namesOf(only.optimizers), optimizer.kind, labelOfOptimizer(optimizer), labelsOfOptimizers(optimizers)))
  );
}

const labelOfTask = remembered((task: TaskSpec) => taskLabel(task));
const labelOfOptimizer = remembered((optimizer: OptimizerSpec) => optimizerLabel(optimizer));
const labelsOfTasks = remembered((tasks: readonly TaskSpec[]) => new Set(tasks.map(labelOfTask)));
const labelsOfOptimizers = remembered((all: readonly OptimizerSpec[]) => new Set(all.map(labelOfOptimizer)));
const namesOf = remembered((names: readonly string[]) => new Set(names));

/** By its label, or by its kind where that is the label of no other: `sgd` names plain sgd, and all of them where there is none. */
function isNamed(names: ReadonlySet<string>, kind: string, label: string, labels: ReadonlySet<string>): boolean {
  return names.has(label) || (names.has(kind) && !labels.has(kind));
}

/** The same value for the same object, made once; specs and sweeps are never changed. */
function remembered<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const values = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known.value;
    const value = make(key);
    values.set(key, { value });
    return value;
  };
}

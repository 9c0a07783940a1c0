import { metricValue } from "./metric-value.js";
import type { Metric, TrialOutcomeRow } from "./types.js";

/** Metric values by seed, ascending; null for a trial without a result. */
export type ValuesBySeed = ReadonlyMap<number, number | null>;

/** Metric values of one schedule and split by learning rate, ascending. */
export type ValuesByRate = ReadonlyMap<number, ValuesBySeed>;

/** The trials of one schedule on one task and optimizer. */
export interface ScheduleValues {
  readonly tuning: ValuesByRate;
  readonly report: ValuesByRate;
}

/** One task and optimizer; schedules ascending by name. */
export interface TaskOptimizerGroup {
  readonly task: string;
  readonly optimizer: string;
  readonly schedules: ReadonlyMap<string, ScheduleValues>;
}

/** Rows by task and optimizer (both ascending), and within by schedule, split, rate and seed. A repeated trial is refused. */
export function groupRows(rows: readonly TrialOutcomeRow[], metric: Metric): TaskOptimizerGroup[] {
  const groups: Nested<Nested<Nested<Splits>>> = new Map();
  for (const row of rows) {
    const optimizers = entry<string, Nested<Nested<Splits>>>(groups, row.task, () => new Map());
    const schedules = entry<string, Nested<Splits>>(optimizers, row.optimizer, () => new Map());
    const splits = entry<string, Splits>(schedules, row.schedule, () => ({ tuning: new Map(), report: new Map() }));
    const seeds = entry<number, Map<number, number | null>>(splits[row.split], row.learningRate, () => new Map());
    if (seeds.has(row.seed)) throw new RangeError(`two trials of ${describe(row)}: a trial counts once`);
    seeds.set(row.seed, metricValue(row, metric));
  }
  return [...ascending(groups)].flatMap(([task, optimizers]) =>
    [...ascending(optimizers)].map(([optimizer, schedules]) => ({
      task,
      optimizer,
      schedules: mapValues(ascending(schedules), ({ tuning, report }) => ({
        tuning: mapValues(ascending(tuning), ascending),
        report: mapValues(ascending(report), ascending),
      })),
    })),
  );
}

type Nested<Value> = Map<string, Value>;
type Splits = Record<TrialOutcomeRow["split"], Map<number, Map<number, number | null>>>;

/** By number or by code unit, and so the same in every locale. */
function ascending<Key extends string | number, Value>(map: ReadonlyMap<Key, Value>): Map<Key, Value> {
  return new Map([...map].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function mapValues<Key, Value, Result>(map: ReadonlyMap<Key, Value>, change: (value: Value) => Result) {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}

function describe({ task, optimizer, schedule, learningRate, seed, split }: TrialOutcomeRow): string {
  return `task ${task}, optimizer ${optimizer}, schedule ${schedule}, learning rate ${learningRate}, ${split} seed ${seed}`;
}

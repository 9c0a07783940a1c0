import { metricValue } from "./metric-value.js";
import type { Metric, TrialOutcomeRow } from "./types.js";

/** Metric values by seed, ascending; null for a trial without a result. */
export type ValuesBySeed = ReadonlyMap<number, number | null>;

/** Metric values of one schedule and split by learning rate, ascending. */
export type ValuesByRate = ReadonlyMap<number, ValuesBySeed>;

/** The trials of one schedule under one task, optimizer and noise. */
export interface ScheduleValues {
  readonly tuning: ValuesByRate;
  readonly report: ValuesByRate;
  /** The rates of these that were drawn. */
  readonly drawn: ReadonlySet<number>;
}

/** One task, optimizer and noise; schedules ascending by name. */
export interface Group {
  readonly task: string;
  readonly optimizer: string;
  readonly noise: string;
  readonly schedules: ReadonlyMap<string, ScheduleValues>;
}

/** Rows by task, optimizer and noise (each ascending), and within by schedule, split, rate and seed. A repeated trial is refused. */
export function groupRows(rows: readonly TrialOutcomeRow[], metric: Metric): Group[] {
  const groups: Nested<Nested<Nested<Nested<Trials>>>> = new Map();
  for (const row of rows) {
    const optimizers = entry<string, Nested<Nested<Nested<Trials>>>>(groups, row.task, () => new Map());
    const noises = entry<string, Nested<Nested<Trials>>>(optimizers, row.optimizer, () => new Map());
    const schedules = entry<string, Nested<Trials>>(noises, row.noise ?? "none", () => new Map());
    const trials = entry<string, Trials>(schedules, row.schedule, () => ({
      ...{ tuning: new Map(), report: new Map() },
      drawn: new Set(),
    }));
    if (row.drawn) trials.drawn.add(row.learningRate);
    const seeds = entry<number, Map<number, number | null>>(trials[row.split], row.learningRate, () => new Map());
    if (seeds.has(row.seed)) throw new RangeError(`two trials of ${describe(row)}: a trial counts once`);
    seeds.set(row.seed, metricValue(row, metric));
  }
  return [...ascending(groups)].flatMap(([task, optimizers]) =>
    [...ascending(optimizers)].flatMap(([optimizer, noises]) =>
      [...ascending(noises)].map(([noise, schedules]) => ({
        ...{ task, optimizer, noise },
        schedules: mapValues(ascending(schedules), ({ tuning, report, drawn }) => ({
          tuning: mapValues(ascending(tuning), ascending),
          report: mapValues(ascending(report), ascending),
          drawn,
        })),
      })),
    ),
  );
}

type Nested<Value> = Map<string, Value>;
type Trials = Record<TrialOutcomeRow["split"], Map<number, Map<number, number | null>>> & {
  readonly drawn: Set<number>;
};

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

function describe({ task, optimizer, noise, schedule, learningRate, seed, split }: TrialOutcomeRow): string {
  const condition = `task ${task}, optimizer ${optimizer}, noise ${noise ?? "none"}`;
  return `${condition}, schedule ${schedule}, learning rate ${learningRate}, ${split} seed ${seed}`;
}
